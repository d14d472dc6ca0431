// What the stages of one worker do with followed records, told after the fact from what went in and what came out. Used by
// that worker alone.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/aggregators/interaction_reader.h"
#include "actors/regions/epoch_ledger.h"
#include "actors/regions/trace_step.h"
#include "actors/stages/stage.h"

namespace penstock {

class StageTraces {
 public:
  /// `logs`: those that the region reads, by Origin::input.
  StageTraces(Runtime& runtime, std::vector<std::string> logs) : runtime_(runtime), logs_(std::move(logs)) {}

  bool any() const { return runtime_.traces.any(); }
  /// The stage was given the batch. Requires: any().
  void processed(const monitoring::Origin& stage, const BatchPtr& batch, const StageOutput& out, double seconds);
  /// The rows of these batches, one behind the other, that are to be followed in the log they are appended to.
  std::vector<EpochPart::Followed> written(const std::vector<BatchPtr>& batches) const;

 private:
  std::vector<Traces::Row> in(const RecordBatch& batch) const;
  std::string outcome(const monitoring::Origin& stage, const TracedRecord& record, const StageOutput& out) const;
  bool holds(const RecordBatch& batch, const TracedRecord& record) const;
  std::string user_of(const std::string& model, const BatchPtr& batch, size_t row);

  Runtime& runtime_;
  const std::vector<std::string> logs_;
  std::map<std::string, InteractionReader> readers_;  // by model
};

}  // namespace penstock
