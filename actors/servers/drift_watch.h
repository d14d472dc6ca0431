// How far the columns of a model's input have moved away from what its live version was trained on. Reads the model's log
// itself: ten thousand rows spread evenly over what the version had read give the reference, and a sample of what is
// appended since is counted in slots, of which those of the last `window` count. Called by one thread of low priority;
// figures() by any. After a restart the counting begins anew.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "actors/servers/live_quality.h"
#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"
#include "models/drift.h"

namespace penstock {

class DriftWatch {
 public:
  /// Both outlive this.
  DriftWatch(Runtime* runtime, const ModelServer* server);

  /// Takes up what was appended since the last call; a new live version first. Errors: of the store.
  Status refresh(Timestamp now);
  std::vector<DriftFigures> figures() const;

 private:
  struct Column {
    std::string name;
    size_t index;  // in the log's schema
    std::variant<NumberBins, TextBins> bins;
    std::vector<uint64_t> then;
  };
  struct Slot {
    Timestamp begun;
    std::vector<std::vector<uint64_t>> counts;  // by column and bin
  };
  Status begin(const ModelVersion& version);
  Status read_new(Timestamp now);
  std::vector<uint64_t> count(const Column& column, const RecordBatch& batch) const;
  void add(const RecordBatch& batch, Timestamp now);

  Runtime* runtime_;
  const ModelServer* server_;
  const std::string log_;
  const SchemaPtr schema_;
  const std::vector<std::string> names_;
  const Duration window_;
  uint64_t version_ = 0;      // that the reference is of
  std::vector<Offset> next_;  // of each partition

  mutable std::mutex mutex_;
  std::vector<Column> columns_;
  std::deque<Slot> slots_;  // oldest first
};

}  // namespace penstock
