#include "tests/sql/evaluate.h"

#include <cstdlib>
#include <string>

#include "messages/timestamp.h"

namespace penstock::sql {
namespace {

std::string text_of(const Problem& problem) {
  return "@" + std::to_string(problem.offset) + " " + problem.message +
         (problem.hint.empty() ? "" : " (" + problem.hint + ")");
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == '|')
      out.emplace_back();
    else
      out.back().push_back(c);
  }
  return out;
}

void append(const std::string& cell, ColumnBuilder& out) {
  if (cell == "-")
    return out.append_null();
  switch (out.type()) {
    case Type::kBool: return out.append_bool(cell == "true");
    case Type::kInt64: return out.append_int64(std::stoll(cell));
    case Type::kFloat64: return out.append_float64(std::strtod(cell.c_str(), nullptr));
    case Type::kTimestamp: return out.append_int64(parse_timestamp(cell).value().micros);
    case Type::kString:
    case Type::kJson: return out.append_string(cell);
  }
}

}  // namespace

SchemaPtr test_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{
      {"id", Type::kInt64, true},
      {"b", Type::kBool},
      {"i", Type::kInt64},
      {"j", Type::kInt64},
      {"f", Type::kFloat64},
      {"g", Type::kFloat64},
      {"s", Type::kString},
      {"t", Type::kString},
      {"at", Type::kTimestamp},
      {"until", Type::kTimestamp},
      {"doc", Type::kJson},
      {"userId", Type::kInt64},
  });
  return schema;
}

BatchPtr rows(const std::vector<std::string>& lines) {
  BatchBuilder builder(test_schema());
  for (const std::string& line : lines) {
    std::vector<std::string> row = cells(line);
    row.resize(test_schema()->size(), "-");
    for (size_t c = 0; c < row.size(); ++c)
      append(row[c], builder.column(c));
  }
  return builder.finish();
}

std::string evaluate(std::string_view expression, const RecordBatch& batch) {
  const auto compiled = Expression::compile(expression, test_schema());
  if (!compiled.ok())
    return text_of(compiled.problem());
  const Evaluated result = compiled->evaluate(batch);
  std::string out;
  auto error = result.errors.begin();
  for (size_t i = 0; i < batch.rows(); ++i) {
    out += i == 0 ? "" : " ";
    if (error != result.errors.end() && error->row == i)
      out += "!" + (error++)->message + (result.column->is_null(i) ? "" : " but not null");
    else
      out += result.column->to_string(i);
  }
  return out;
}

std::string evaluate(std::string_view expression) { return evaluate(expression, *rows({"1"})); }

std::string problem(std::string_view expression) {
  const auto compiled = Expression::compile(expression, test_schema());
  return compiled.ok() ? "ok" : text_of(compiled.problem());
}

}  // namespace penstock::sql
