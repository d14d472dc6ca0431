// The item table of a recommender at one moment with its rules evaluated on it: which items an answer may hold, as the sets that
// searches take. What was evaluated is kept for the next request that asks the same; the table itself never changes. Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/recommenders/item_rules.h"
#include "actors/recommenders/lru_cache.h"
#include "actors/recommenders/row_table.h"

namespace penstock {

class AllowedItems {
 public:
  /// `rules` outlive this; `version` tells it from other tables of the same rules.
  AllowedItems(RowTable table, const ItemRules& rules, uint64_t version = 0);

  const RowTable& table() const { return table_; }
  uint64_t version() const { return version_; }
  /// `user`: the user's row or null; `filter`: the request's condition or null.
  std::shared_ptr<const AllowedRows> rows(const RecordBatch* user, const Condition* filter) const;
  /// The items of a snapshot that may be answered; null where every item may. `snapshot` is a name for `items` that no other list
  /// goes by.
  std::shared_ptr<const ItemSet> items(const std::string& snapshot, const std::vector<std::string>& items,
                                       const RecordBatch* user, const Condition* filter) const;
  /// What the scores of these rows are multiplied by (row -1: by 1).
  std::vector<float> boosts(const std::vector<int32_t>& rows, const RecordBatch* user) const;
  uint64_t memory() const;

 private:
  using Rows = std::shared_ptr<const std::vector<int32_t>>;
  Rows row_of_item(const std::string& snapshot, const std::vector<std::string>& items) const;

  const RowTable table_;
  const ItemRules& rules_;
  const uint64_t version_;
  mutable LruCache<Rows> rows_of_items_;
  mutable LruCache<std::shared_ptr<const AllowedRows>> rows_;
  mutable LruCache<std::shared_ptr<const ItemSet>> items_;
  mutable LruCache<std::shared_ptr<const RowSet>> boosted_;
};

}  // namespace penstock
