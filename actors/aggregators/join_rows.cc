#include "actors/aggregators/join_rows.h"

#include "actors/stages/reject.h"
#include "messages/byte_io.h"

namespace penstock {
namespace {

void pack_value(const Column& column, size_t row, std::string& out) {
  if (column.is_null(row)) {
    out += '\0';
    return;
  }
  out += '\1';
  switch (column.type()) {
    case Type::kBool: append_number(column.bools()[row], out); return;
    case Type::kInt64:
    case Type::kTimestamp: append_number(column.int64s()[row], out); return;
    case Type::kFloat64: append_number(column.float64s()[row], out); return;
    case Type::kString:
    case Type::kJson:
      append_number(static_cast<uint32_t>(column.string(row).size()), out);
      out += column.string(row);
      return;
  }
}

void unpack_value(ByteReader& in, ColumnBuilder& out) {
  if (in.number<uint8_t>() == 0)
    return out.append_null();
  switch (out.type()) {
    case Type::kBool: return out.append_bool(in.number<uint8_t>() != 0);
    case Type::kInt64:
    case Type::kTimestamp: return out.append_int64(in.number<int64_t>());
    case Type::kFloat64: return out.append_float64(in.number<double>());
    case Type::kString:
    case Type::kJson: return out.append_string(in.bytes(in.number<uint32_t>()));
  }
}

}  // namespace

std::string pack_row(const RecordBatch& batch, std::span<const size_t> columns, size_t row) {
  std::string out;
  for (const size_t column : columns)
    pack_value(*batch.column(column), row, out);
  return out;
}

Status unpack_row(std::string_view packed, size_t first, size_t columns, BatchBuilder& builder) {
  ByteReader in(packed);
  for (size_t i = 0; i < columns; ++i)
    unpack_value(in, builder.column(first + i));
  return in.failed() || in.left() > 0 ? data_loss("a stored row of a join does not have the columns that it needs")
                                      : ok();
}

Status JoinRows::add(const RecordBatch& left, size_t row, std::optional<std::string_view> right) {
  const std::vector<size_t>& columns = plan_->sides[JoinPlan::kLeft].columns;
  for (size_t i = 0; i < columns.size(); ++i)
    pairs_.column(i).append_from(*left.column(columns[i]), row);
  return add_right(right);
}

Status JoinRows::add(std::string_view left, std::optional<std::string_view> right) {
  PENSTOCK_TRY(unpack_row(left, 0, plan_->sides[JoinPlan::kLeft].columns.size(), pairs_));
  return add_right(right);
}

Status JoinRows::add_right(std::optional<std::string_view> right) {
  const size_t first = plan_->sides[JoinPlan::kLeft].columns.size();
  if (right)
    return unpack_row(*right, first, plan_->sides[JoinPlan::kRight].columns.size(), pairs_);
  for (size_t i = first; i < plan_->pairs->size(); ++i)
    pairs_.column(i).append_null();
  return ok();
}

void JoinRows::flush(StageOutput& out) {
  if (pairs_.rows() == 0)
    return;
  const BatchPtr pairs = pairs_.finish();
  std::vector<ColumnPtr> columns;
  std::vector<sql::RowError> errors;
  for (const auto& [name, expression] : plan_->select) {
    sql::Evaluated value = expression.evaluate(*pairs);
    for (const sql::RowError& error : value.errors)
      errors.push_back({error.row, name + ": " + error.message});
    columns.push_back(std::move(value.column));
  }
  BatchPtr joined = RecordBatch::make(plan_->schema, std::move(columns));
  if (!errors.empty()) {
    reject_errors(pairs, errors, "select", out.rejected);
    std::vector<Rejected> again;
    joined = reject_errors(joined, errors, "select", again);
  }
  if (joined->rows() > 0)
    out.batches.push_back(std::move(joined));
}

}  // namespace penstock
