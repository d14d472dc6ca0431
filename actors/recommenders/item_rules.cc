#include "actors/recommenders/item_rules.h"

namespace penstock {
namespace {

// Keeps in `rows` what `keep` says.
template <class Keep>
void keep_where(RowSet& rows, const Keep& keep) {
  for (int32_t row = 0; row < rows.size(); ++row)
    if (rows.contains(row) && !keep(row))
      rows.erase(row);
}

}  // namespace

std::string ItemRules::key(const RecordBatch* user, const Condition* filter) const {
  std::string out;
  for (const Condition& condition : must)
    out += condition.user_values(user);
  for (const Condition& condition : exclude)
    out += condition.user_values(user);
  if (filter)
    out += "\n" + filter->text() + "\n" + filter->user_values(user);
  return out;
}

AllowedRows ItemRules::allowed(const RowTable& table, const RecordBatch* user, const Condition* filter) const {
  AllowedRows out{RowSet(table.size(), true), must.empty() && filter == nullptr};
  const auto require = [&](const Condition& condition) {
    const RowSet holds = condition.select(table.rows(), user);
    keep_where(out.rows, [&](int32_t row) { return holds.contains(row); });
  };
  for (const Condition& condition : must)
    require(condition);
  if (filter)
    require(*filter);
  for (const Condition& condition : exclude) {
    RowSet failed(table.size());
    const RowSet holds = condition.select(table.rows(), user, &failed);
    keep_where(out.rows, [&](int32_t row) { return !holds.contains(row) && !failed.contains(row); });
  }
  return out;
}

ItemSet to_items(const AllowedRows& allowed, std::span<const int32_t> row_of_item) {
  ItemSet items(static_cast<int64_t>(row_of_item.size()));
  for (size_t item = 0; item < row_of_item.size(); ++item) {
    const int32_t row = row_of_item[item];
    if (row < 0 ? allowed.strangers : allowed.rows.contains(row))
      items.insert(static_cast<int32_t>(item));
  }
  return items;
}

}  // namespace penstock
