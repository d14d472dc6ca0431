#include "actors/stages/validate.h"

#include <algorithm>

#include "actors/stages/reject.h"
#include "messages/decode_error.h"

namespace penstock {
namespace {

using Missing = ValidateColumn::Missing;

ColumnPtr fill(const Column& values, const std::vector<size_t>& missing, const Column& fallback) {
  ColumnBuilder filled(values.type());
  filled.reserve(values.size());
  auto next = missing.begin();
  for (size_t row = 0; row < values.size(); ++row) {
    if (next != missing.end() && *next == row) {
      filled.append_from(fallback, 0);
      ++next;
    } else {
      filled.append_from(values, row);
    }
  }
  return filled.finish();
}

// The values that a rule looks at: `minutes = -3, status = "NEW"`.
std::string found(const sql::Expression& check, const RecordBatch& batch, size_t row) {
  std::string out;
  for (const size_t index : check.columns()) {
    const Column& column = *batch.column(index);
    const bool text = column.type() == Type::kString && !column.is_null(row);
    out += (out.empty() ? "" : ", ") + batch.schema()->field(index).name + " = " + (text ? "\"" : "") +
           shorten(column.to_string(row)) + (text ? "\"" : "");
  }
  return out;
}

std::string broken(const ValidateRule& rule, const RecordBatch& batch, size_t row) {
  const std::string values = found(rule.check, batch, row);
  return (rule.message.empty() ? "" : rule.message + ": ") + "expected " + rule.check.text() +
         (values.empty() ? "" : ", found " + values);
}

// The i-th rows with everything that is wrong with each. Requires: faults by row.
void reject(const RecordBatch& batch, const std::vector<Fault>& faults, std::vector<Rejected>& rejected) {
  for (size_t i = 0; i < faults.size();) {
    const size_t row = faults[i].row;
    std::string reason;
    for (; i < faults.size() && faults[i].row == row; ++i)
      reason += (reason.empty() ? "" : "; ") + faults[i].text;
    rejected.push_back(reject_row(batch, row, std::move(reason)));
  }
}

// The rows without a fault, and those with one.
std::pair<Selection, Selection> part(const RecordBatch& dense, const std::vector<Fault>& faults) {
  Selection good, bad;
  good.reserve(dense.rows());
  auto next = faults.begin();
  for (size_t row = 0; row < dense.rows(); ++row) {
    const bool faulty = next != faults.end() && next->row == row;
    while (next != faults.end() && next->row == row)
      ++next;
    (faulty ? bad : good).push_back(static_cast<uint32_t>(row));
  }
  return {std::move(good), std::move(bad)};
}

}  // namespace

ColumnPtr Validate::check_column(const ValidateColumn& rules, const RecordBatch& dense,
                                 std::vector<Fault>& faults) const {
  const ColumnPtr& given = dense.column(rules.index);
  ColumnPtr values = given;
  std::vector<bool> uncast;
  if (rules.cast) {
    sql::Evaluated cast = rules.cast->evaluate(dense);
    values = std::move(cast.column);
    uncast.resize(cast.errors.empty() ? 0 : dense.rows());
    for (const sql::RowError& error : cast.errors) {
      uncast[error.row] = true;
      faults.push_back(
          {error.row, rules.name + ": " + expected_found(std::string(type_name(rules.type)), *given, error.row)});
    }
  }
  for (const ColumnCheckPtr& check : rules.checks)
    check->check(rules.name, *values, faults);
  if (rules.missing == Missing::kKeep || !values->has_nulls())
    return values;
  std::vector<size_t> missing;
  for (size_t row = 0; row < values->size(); ++row)
    if (values->is_null(row) && (uncast.empty() || !uncast[row]))
      missing.push_back(row);
  if (rules.missing == Missing::kDefault)
    return missing.empty() ? values : fill(*values, missing, *rules.fallback);
  for (const size_t row : missing)
    faults.push_back({row, rules.name + ": expected a value, found none"});
  return values;
}

void Validate::check_rules(const RecordBatch& checked, std::vector<Fault>& faults) const {
  for (const ValidateRule& rule : plan_.rules) {
    const sql::Evaluated kept = rule.check.evaluate(checked);
    for (const sql::RowError& error : kept.errors)
      faults.push_back({error.row, (rule.message.empty() ? rule.check.text() : rule.message) + ": " + error.message});
    const std::span<const uint8_t> values = kept.column->bools();
    for (size_t row = 0; row < values.size(); ++row)
      if (!values[row] && !kept.column->is_null(row))
        faults.push_back({row, broken(rule, checked, row)});
  }
}

BatchPtr Validate::result(const BatchPtr& checked) const {
  std::vector<ColumnPtr> columns;
  columns.reserve(plan_.kept.size());
  for (const size_t index : plan_.kept)
    columns.push_back(checked->column(index));
  return checked->with_columns(plan_.output, std::move(columns));
}

Status Validate::process(const BatchPtr& batch, StageOutput& out) {
  if (batch->rows() == 0)
    return ok();
  const BatchPtr dense = batch->compact();
  std::vector<Fault> faults;
  std::vector<ColumnPtr> columns = dense->columns();
  for (const ValidateColumn& rules : plan_.columns)
    columns[rules.index] = check_column(rules, *dense, faults);
  for (const size_t index : plan_.forbidden)
    for (size_t row = 0; row < dense->rows(); ++row)
      if (!columns[index]->is_null(row))
        faults.push_back(
            {row, dense->schema()->field(index).name + ": " + expected_found("no such column", *columns[index], row)});
  const BatchPtr checked = dense->with_columns(plan_.checked, std::move(columns));
  check_rules(*checked, faults);
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) { return a.row < b.row; });
  reject(*batch, faults, out.rejected);
  BatchPtr good = result(checked);
  if (!faults.empty()) {
    auto [kept, rejected] = part(*dense, faults);
    good = good->select(std::move(kept))->compact();  // only values that keep the schema go on
    out.sides.emplace_back(kRejected, dense->select(std::move(rejected)));
  }
  if (good->rows() > 0)
    out.batches.push_back(std::move(good));
  return ok();
}

}  // namespace penstock
