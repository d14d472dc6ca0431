// The newest batches of logs as they were before encoding, so that a region that keeps up need not decode what its source
// has just encoded. Bounded by bytes; the oldest go first, and all when the node's memory is used up. Thread safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "actors/supervision/memory_budget.h"
#include "core/ids.h"
#include "messages/record_batch.h"

namespace penstock {

class BatchCache {
 public:
  explicit BatchCache(uint64_t max_bytes) : max_bytes_(max_bytes) {}
  /// Tells the budget from now on what it holds, and heeds it. Requires: called before other threads use the cache; the
  /// budget outlives all other calls.
  void account(MemoryBudget& memory);
  /// The batch that begins at `first` in that partition of the log.
  void put(const std::string& log, Partition partition, Offset first, BatchPtr batch);
  /// Null if it is not (or no longer) here.
  BatchPtr get(const std::string& log, Partition partition, Offset first) const;

 private:
  using Key = std::tuple<std::string, uint32_t, uint64_t>;
  void drop_oldest();  // requires the lock
  void drop_all();
  bool is_full() const { return memory_ && memory_->exceeded(); }

  uint64_t max_bytes_;
  MemoryBudget* memory_ = nullptr;
  std::shared_ptr<void> subscription_;
  mutable std::mutex mutex_;
  std::map<Key, BatchPtr> batches_;
  std::deque<std::pair<Key, uint64_t>> order_;
  uint64_t bytes_ = 0;
};

}  // namespace penstock
