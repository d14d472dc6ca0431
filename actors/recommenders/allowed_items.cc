#include "actors/recommenders/allowed_items.h"

namespace penstock {
namespace {

constexpr size_t kSnapshots = 32;  // of models, of which each recommender asks a few
constexpr size_t kSets = 128;      // a bit an item each

}  // namespace

AllowedItems::AllowedItems(RowTable table, const ItemRules& rules, uint64_t version)
    : table_(std::move(table)),
      rules_(rules),
      version_(version),
      rows_of_items_(kSnapshots),
      rows_(kSets),
      items_(kSets),
      boosted_(kSets) {}

std::shared_ptr<const AllowedRows> AllowedItems::rows(const RecordBatch* user, const Condition* filter) const {
  const std::string key = rules_.key(user, filter);
  if (const auto known = rows_.get(key))
    return *known;
  auto made = std::make_shared<const AllowedRows>(rules_.allowed(table_, user, filter));
  rows_.put(key, made);
  return made;
}

AllowedItems::Rows AllowedItems::row_of_item(const std::string& snapshot, const std::vector<std::string>& items) const {
  if (const auto known = rows_of_items_.get(snapshot))
    return *known;
  auto made = std::make_shared<std::vector<int32_t>>();
  made->reserve(items.size());
  for (const std::string& item : items)
    made->push_back(table_.row(item));
  rows_of_items_.put(snapshot, made);
  return made;
}

std::shared_ptr<const ItemSet> AllowedItems::items(const std::string& snapshot, const std::vector<std::string>& items,
                                                   const RecordBatch* user, const Condition* filter) const {
  if (!rules_.rules_out() && filter == nullptr)
    return nullptr;
  const std::string key = snapshot + "\n" + rules_.key(user, filter);
  if (const auto known = items_.get(key))
    return *known;
  auto made = std::make_shared<const ItemSet>(to_items(*rows(user, filter), *row_of_item(snapshot, items)));
  items_.put(key, made);
  return made;
}

std::vector<float> AllowedItems::boosts(const std::vector<int32_t>& rows, const RecordBatch* user) const {
  std::vector<float> out(rows.size(), 1);
  for (size_t i = 0; i < rules_.boosts.size(); ++i) {
    const Boost& boost = rules_.boosts[i];
    const std::string key = std::to_string(i) + " " + boost.condition.user_values(user);
    auto known = boosted_.get(key);
    if (!known) {
      known = std::make_shared<const RowSet>(boost.condition.select(table_.rows(), user));
      boosted_.put(key, *known);
    }
    for (size_t at = 0; at < rows.size(); ++at)
      if ((*known)->contains(rows[at]))
        out[at] *= boost.by;
  }
  return out;
}

uint64_t AllowedItems::memory() const {
  const uint64_t items = static_cast<uint64_t>(table_.size());
  return table_.memory() + rows_of_items_.size() * items * sizeof(int32_t) +
         (rows_.size() + items_.size() + boosted_.size()) * items / 8;
}

}  // namespace penstock
