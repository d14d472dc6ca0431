// Reads a log's partitions in turn, from given offsets, as decoded batches with their origin. Used by region readers, sinks
// and trainers. Not thread safe.
//
// A log may have dropped what its reader had not read yet, because it keeps records for a time only. The reader then goes
// on with the oldest record kept, and tells how many it has lost. A reader that never had a position has lost nothing.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "actors/regions/batch_cache.h"
#include "core/status.h"
#include "messages/record_batch.h"
#include "monitoring/event.h"
#include "storage/store.h"

namespace penstock {

class LogReader {
 public:
  /// `cache` may be null. `start`: the next offset of each partition (fewer: 0).
  LogReader(const Store& store, const BatchCache* cache, std::string log, SchemaPtr schema,
            std::vector<Offset> start = {});

  /// Lost records are told as this component's. Both outlive the reader. Call it before open().
  void tell_losses(monitoring::Monitor& monitor, const monitoring::Origin& origin);

  /// The number that its batches carry as Origin::input.
  void set_input(uint32_t input) { input_ = input; }

  /// Begins at each partition's position that `owner` has committed, or its first offset. Errors: not_found.
  Status open(const std::string& owner);
  /// The next batch of some partition, or null if everything there is has been read. Errors: data_loss.
  Result<BatchPtr> next();
  /// The next rows of one partition, at most `max_records`; null if there are none. Errors: data_loss.
  Result<BatchPtr> next_of(Partition partition, uint64_t max_records);
  /// Whether there is anything to read now.
  Result<bool> any() const;
  /// Records of the partition that have not been read.
  Result<uint64_t> pending(Partition partition) const;

  const std::string& log() const { return log_; }
  /// The next offset of each partition.
  const std::vector<Offset>& positions() const { return next_; }

 private:
  Result<BatchPtr> decode(Partition partition, const LogEntry& entry);
  void pass_over(Partition partition, Offset oldest);

  const Store& store_;
  const BatchCache* cache_;
  std::string log_;
  SchemaPtr schema_;
  std::vector<Offset> next_;
  std::vector<std::deque<LogEntry>> fetched_;  // by partition
  uint32_t turn_ = 0;
  uint32_t input_ = 0;
  monitoring::Monitor* monitor_ = nullptr;
  const monitoring::Origin* origin_ = nullptr;
};

}  // namespace penstock
