#include "actors/databases/sql_text.h"

#include "actors/aggregators/view_key.h"
#include "messages/json_text.h"

namespace penstock {
namespace {

using Kind = SociDatabase::Kind;

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text)
    out += c == quote ? std::string(2, c) : std::string(1, c);
  return out + quote;
}

}  // namespace

std::string sql_name(std::string_view name) { return quoted(name, '"'); }

std::string sql_table(std::string_view table) {
  const size_t dot = table.find('.');
  return dot == std::string_view::npos ? sql_name(table)
                                       : sql_name(table.substr(0, dot)) + "." + sql_table(table.substr(dot + 1));
}

std::string sql_literal(std::string_view text) { return quoted(text, '\''); }

std::string sql_type(Kind kind, Type type) {
  const bool sqlite = kind == Kind::kSqlite;
  switch (type) {
    case Type::kBool: return "BOOLEAN";
    case Type::kInt64: return sqlite ? "INTEGER" : "BIGINT";
    case Type::kFloat64: return sqlite ? "REAL" : "DOUBLE PRECISION";
    case Type::kTimestamp: return sqlite ? "TEXT" : "TIMESTAMPTZ";
    case Type::kJson: return sqlite ? "TEXT" : "JSONB";
    case Type::kString: break;
  }
  return "TEXT";
}

// SQLite's own cast of a real number keeps 15 digits only.
std::string sql_as_text(Kind kind, const Field& field) {
  const std::string name = sql_name(field.name);
  std::string text = "CAST(" + name + " AS TEXT)";
  if (kind == Kind::kSqlite && field.type == Type::kFloat64)
    return "CASE typeof(" + name + ") WHEN 'real' THEN printf('%!.17g', " + name + ") ELSE " + text + " END";
  return text;
}

Result<SqlText> value_to_sql(Kind kind, const Column& column, size_t row) {
  if (column.is_null(row))
    return SqlText();
  if (column.type() == Type::kBool && kind == Kind::kSqlite)
    return SqlText(column.bools()[row] ? "1" : "0");
  if (column.type() != Type::kString && column.type() != Type::kJson)
    return SqlText(column.to_string(row));
  if (kind == Kind::kPostgresql && column.string(row).find('\0') != std::string_view::npos)
    return invalid_argument("PostgreSQL keeps no text with a NUL character in it");
  return SqlText(std::string(column.string(row)));
}

Status sql_to_value(const Field& field, const SqlText& text, ColumnBuilder& out) {
  if (!text) {
    if (field.required)
      return invalid_argument(field.name + " is required, but NULL");
    out.append_null();
    return ok();
  }
  if (field.type == Type::kBool) {  // SQLite has numbers for them
    const bool is_true = *text == "1" || *text == "t", is_false = *text == "0" || *text == "f";
    if (is_true || is_false) {
      out.append_bool(is_true);
      return ok();
    }
  }
  if (field.type == Type::kJson) {
    const auto json = minify_json(*text);
    if (!json.ok())
      return json.status().with_context(field.name);
    out.append_string(*json);
    return ok();
  }
  return parse_value(field, *text, out);
}

}  // namespace penstock
