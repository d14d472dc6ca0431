// What every user did with every item, for one model: the aggregator behind exact fold-in. Keyed by user id (text); the
// table holds one entry a user. Grows with users × items they touched.
//
// Beside the Aggregator interface any thread may ask at any time for a user's whole history, for an item's fans and for
// the most popular items; answers are consistent snapshots taken under a short lock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/live_probe.h"
#include "actors/components.h"
#include "core/ids.h"
#include "models/id_map.h"

namespace penstock {

struct HistoryItem {
  uint32_t item;  // number in ids()
  float weight;   // summed over the user's events with that item
};

struct UserHistory {
  std::shared_ptr<const std::vector<HistoryItem>> items;  // unique items, in order of first contact
  Timestamp newest;                                       // event time of the newest event
};

class History : public Aggregator {
 public:
  /// None: the user has never done anything.
  virtual std::optional<UserHistory> user(std::string_view id) const = 0;
  /// Items by number of users (ties: larger summed weight, then smaller number), best first.
  struct PopularItem {
    uint32_t item;
    uint64_t users;
    double weight;
  };
  virtual std::vector<PopularItem> popular(size_t n) const = 0;
  /// Ids of the users who touched the item (at most `limit`, in no order) with the weight.
  virtual std::vector<std::pair<std::string, float>> fans(uint32_t item, size_t limit) const = 0;
  /// Items by their numbers; grows, never renumbers, lives as long as anybody holds it.
  virtual std::shared_ptr<const IdMap> ids() const = 0;
  /// Shows events to the probe before they count, from now on. A second one takes the place of the first.
  virtual void watch(std::shared_ptr<LiveProbe> probe) = 0;
};

/// Bytes of memory that a user takes who has to do with so many items, and an item with so many users, about.
double bytes_a_user(double items);
double bytes_an_item(double users);

/// Requires: the component is a model whose `bind` passed.
Result<std::unique_ptr<Aggregator>> make_history(const MakeContext& context);

}  // namespace penstock
