// Takes batches of events into the histories of their keys: what `features` and `enrich` do alike. One thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "actors/aggregators/batch_keys.h"
#include "actors/aggregators/feature_history.h"
#include "actors/aggregators/keyed_states.h"
#include "actors/stages/stage.h"

namespace penstock {

class FeatureEvents {
 public:
  /// Both outlive it.
  FeatureEvents(const FeaturePlan& plan, FeatureFold& fold) : plan_(plan), fold_(fold) {}

  /// The events that can be taken in: those that a value cannot be computed for, or without key or time, are rejected, with
  /// `context` before the reasons; those that counted before `mark` less the plan's time to keep go to `late`.
  BatchPtr sort_out(const BatchPtr& batch, int64_t mark, std::string_view context, std::vector<Rejected>& rejected,
                    BatchPtr& late) const;

  /// Adds the events; `history(slot)` gives a slot's. Requires: sort_out() gave the batch. Appends the slots to `slots`, each
  /// once. Errors: of the store; data_loss.
  template <class State, class History>
  Status take(const BatchPtr& batch, KeyedStates<State>& states, History&& history, std::string_view context,
              std::vector<Rejected>& rejected, std::vector<uint32_t>& slots) {
    keys_.encode(*batch, plan_.key);
    PENSTOCK_TRY(states.fetch(keys_));
    const auto held = states.lock();
    std::vector<uint32_t> slot_of_row(batch->rows());
    for (size_t i = 0; i < batch->rows(); ++i)
      slot_of_row[i] = states.take(keys_.key(i), keys_.hash(i));
    for (Part& part : parts(batch, slot_of_row, context, rejected)) {
      PENSTOCK_TRY(fold_.add(history(states[part.slot]), part.at, std::move(part.bytes)));
      if (slots.empty() || slots.back() != part.slot)
        slots.push_back(part.slot);
    }
    return ok();
  }

 private:
  struct Part {
    uint32_t slot;
    int64_t at;
    std::string bytes;
  };
  /// The events of each slot and time as one part, ascending by both.
  std::vector<Part> parts(const BatchPtr& batch, const std::vector<uint32_t>& slot_of_row, std::string_view context,
                          std::vector<Rejected>& rejected) const;
  int64_t counts_at(const RecordBatch& batch, size_t i) const;
  std::vector<sql::AggregateInput> evaluate(const RecordBatch& batch, std::vector<sql::RowError>& errors) const;

  const FeaturePlan& plan_;
  FeatureFold& fold_;
  BatchKeys keys_;
};

}  // namespace penstock
