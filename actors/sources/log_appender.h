// Appends batches of a source's schema to its log, split over the log's partitions by key. Shared by source workers and by
// events that are posted over HTTP. Thread safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/regions/batch_cache.h"
#include "actors/regions/router.h"
#include "messages/record_batch.h"
#include "storage/store.h"
#include "topology/plan.h"

namespace penstock {

class LogAppender {
 public:
  /// `key`: column that decides the partition; empty: batches go to the partitions in turn.
  LogAppender(std::string log, const Schema& schema, uint32_t partitions, const std::string& key);

  struct Part {
    Partition partition;
    BatchPtr batch;
  };
  /// Adds the appends to `write`, in the order of the result.
  std::vector<Part> append(const BatchPtr& batch, Timestamp now, WriteBatch& write) const;
  /// Makes the committed parts known to readers that keep up. `offsets` as in Committed, for these parts.
  void publish(const std::vector<Part>& parts, const std::vector<Offset>& offsets, BatchCache& cache) const;
  const std::string& log() const { return log_; }

 private:
  std::string log_;
  Router router_;
  uint32_t partitions_;
  bool by_key_;
  std::shared_ptr<std::atomic<uint32_t>> turn_ = std::make_shared<std::atomic<uint32_t>>(0);
};

/// The appender of a source's log. Requires: `id` is a source of the plan.
LogAppender source_appender(const topology::Plan& plan, const std::string& id);

}  // namespace penstock
