#include "actors/recommenders/condition.h"

namespace penstock {
namespace {

// The columns of both, those of the user as `user.name`; of `only` if given.
SchemaPtr joined(const SchemaPtr& items, const SchemaPtr& users, const std::vector<size_t>* only = nullptr) {
  std::vector<Field> fields = items ? items->fields() : std::vector<Field>{};
  const auto add = [&](const Field& field) { fields.push_back({"user." + field.name, field.type, false}); };
  if (only)
    for (const size_t column : *only)
      add(users->field(column));
  else if (users)
    for (const Field& field : users->fields())
      add(field);
  return std::make_shared<const Schema>(std::move(fields));
}

// The value `rows` times.
ColumnPtr repeated(const RecordBatch* user, size_t column, Type type, size_t rows) {
  if (user == nullptr || user->column(column)->is_null(user->row(0)))
    return Column::nulls(type, rows);
  return user->column(column)->gather(std::vector<uint32_t>(rows, static_cast<uint32_t>(user->row(0))));
}

}  // namespace

sql::Checked<Condition> Condition::compile(std::string_view text, const SchemaPtr& items, const SchemaPtr& users) {
  const auto whole = sql::Expression::compile(text, joined(items, users));
  if (!whole.ok())
    return whole.problem();
  if (whole->type() != Type::kBool)
    return sql::Problem{0, "a condition must be bool, but this is " + std::string(type_name(whole->type())),
                        "compare it with something, as in `stock > 0`"};
  const size_t own = items ? items->size() : 0;
  std::vector<size_t> user_columns;
  for (const size_t column : whole->columns())
    if (column >= own)
      user_columns.push_back(column - own);
  const SchemaPtr schema = joined(items, users, &user_columns);
  const auto read = sql::Expression::compile(text, schema);  // without what need not be filled in
  if (!read.ok())
    return read.problem();
  return Condition(*read, schema, std::move(user_columns));
}

std::string Condition::user_values(const RecordBatch* user) const {
  std::string out;
  for (const size_t column : user_columns_) {
    const std::string value = user == nullptr ? "NULL" : user->column(column)->to_string(user->row(0));
    out += std::to_string(value.size()) + ":" + value;
  }
  return out;
}

RowSet Condition::select(const RecordBatch& items, const RecordBatch* user, RowSet* failed) const {
  std::vector<ColumnPtr> columns = items.columns();
  for (size_t i = 0; i < user_columns_.size(); ++i)
    columns.push_back(repeated(user, user_columns_[i], schema_->field(columns.size()).type, items.physical_rows()));
  const sql::Selected selected = expression_.select(RecordBatch(schema_, std::move(columns), items.physical_rows()));
  RowSet rows(static_cast<int64_t>(items.physical_rows()));
  for (const uint32_t row : selected.rows)
    rows.insert(static_cast<int32_t>(row));
  if (failed)
    for (const sql::RowError& error : selected.errors)
      failed->insert(static_cast<int32_t>(error.row));
  return rows;
}

}  // namespace penstock
