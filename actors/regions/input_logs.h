// The logs that a region reads, in turn, a batch of one and then of the next. Used by its reader alone.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/regions/epoch_ledger.h"
#include "actors/regions/log_reader.h"

namespace penstock {

class InputLogs {
 public:
  /// One more log, open at what the region has committed. Requires: not after the first read.
  Status add(LogReader log, const std::string& region);

  /// What was read and is to be handed on; `log` is null if all logs are read to their ends.
  struct Read {
    const LogReader* log = nullptr;
    BatchPtr batch;
  };
  /// The next batch. Errors: of the store.
  Result<Read> next();
  /// Whether there is anything to read now. Errors: of the store.
  Result<bool> any() const;
  /// How far each partition has been read.
  std::vector<ReadPosition> positions() const;

  /// Rows of it are handed on.
  void show(const LogReader& log, const RecordBatch& batch) { shown_.emplace(log.log(), batch.origin()->partition); }
  /// Whether there is a partition with rows of which none was handed on: they could be older than all others.
  bool hides_any() const;

  /// For searches in them.
  std::vector<LogReader>& all() { return logs_; }

 private:
  std::vector<LogReader> logs_;
  size_t turn_ = 0;
  std::set<std::pair<std::string, Partition>> shown_;
};

}  // namespace penstock
