// Reads a log's partitions in turn, from given offsets, as decoded batches with their origin. Used by region readers, sinks
// and trainers. Not thread safe.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "actors/regions/batch_cache.h"
#include "core/status.h"
#include "messages/record_batch.h"
#include "storage/store.h"

namespace penstock {

class LogReader {
 public:
  /// `cache` may be null. `start`: the next offset of each partition (fewer: 0).
  LogReader(const Store& store, const BatchCache* cache, std::string log, SchemaPtr schema,
            std::vector<Offset> start = {});

  /// Begins at each partition's position that `owner` has committed, or its first offset. Errors: not_found.
  Status open(const std::string& owner);
  /// The next batch of some partition, or null if everything there is has been read. Errors: data_loss.
  Result<BatchPtr> next();
  /// Whether there is anything to read now.
  Result<bool> any() const;

  const std::string& log() const { return log_; }
  /// The next offset of each partition.
  const std::vector<Offset>& positions() const { return next_; }

 private:
  Result<BatchPtr> decode(Partition partition, const LogEntry& entry);

  const Store& store_;
  const BatchCache* cache_;
  std::string log_;
  SchemaPtr schema_;
  std::vector<Offset> next_;
  std::vector<std::deque<LogEntry>> fetched_;  // by partition
  uint32_t turn_ = 0;
};

}  // namespace penstock
