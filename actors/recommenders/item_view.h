// The item table of a recommender as the view has it now, about a second old at most: looked at by the request that comes first
// after that second, and if the view has changed built anew beside the requests, which go on with the one before. Thread safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/recommenders/allowed_items.h"
#include "actors/recommenders/recommender_plan.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class ItemView {
 public:
  /// Requires: the plan names a view `items`; both outlive this. `id`: of the recommender, whose memory it is.
  ItemView(Runtime* runtime, const RecommenderPlan& plan, const std::string& id);

  /// Errors: failed_precondition (the view is still starting), of the store.
  Result<std::shared_ptr<const AllowedItems>> current();

 private:
  struct Stamp {
    std::weak_ptr<const Aggregator> worker;
    uint64_t changes;
  };
  bool is_current(const ViewRegistry::Workers& workers) const;
  Result<std::shared_ptr<const AllowedItems>> build(const ViewRegistry::Workers& workers);
  void build_beside(const ViewRegistry::Workers& workers);
  void publish(std::shared_ptr<const AllowedItems> items);
  std::shared_ptr<const AllowedItems> fresh_enough() const;

  Runtime* runtime_;
  const RecommenderPlan& plan_;

  std::mutex build_mutex_;     // one builds; guards the three below
  std::vector<Stamp> stamps_;  // of what current_ was built from
  uint64_t built_ = 0;
  MemoryAccount memory_;

  mutable std::mutex mutex_;  // never held while building
  std::shared_ptr<const AllowedItems> current_;
  int64_t looked_ = 0;  // monotonic ns at which the view was looked at

  std::atomic<bool> building_ = false;  // builder_ is at work
  std::jthread builder_;                // last: ends before what it works on
};

/// A view's row of this key, null if there is none, or if the text can be no key of the view.
BatchPtr row_of(const Runtime& runtime, const std::string& view, const std::string& key);

}  // namespace penstock
