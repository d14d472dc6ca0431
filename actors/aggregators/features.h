// Aggregator `features`: a feature store. Keeps aggregates of each key's events so that they can be told as of now and as of
// any time of the history: a view by key, GET /v1/features/{name}/{key}?at=TIME, and, as of each row's own time, the stage
// `enrich`, which reads the output `events`.
//
// As of a time T count the events *before* T, back to the last pause as long as the ttl; of a feature with `within` those from
// T - within on. The view is as of now: of the watermark, or just behind the key's newest event if that is later. So what is
// told depends on the events and on the time asked for alone, and a replay tells the same as the live stream did.
// An event that is further behind the watermark than the history goes back is too late for that and goes to `late`.
//
// Threads, life and spilling as in aggregator.h.
//
//   table key   := append_key of the key columns, or a timer's or the watermark's (keyed_states.h)
//   table value := FeatureHistory (feature_history.h)
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/feature_events.h"
#include "actors/aggregators/keyed_states.h"
#include "actors/aggregators/watermark.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

class Features final : public Aggregator {
 public:
  static constexpr const char* kEvents = "events";  // outputs
  static constexpr const char* kLate = "late";

  /// `clock` outlives it.
  Features(FeaturePlan plan, const Clock& clock);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override { return states_.restore(key, value); }
  Status end_epoch(StageOutput& out) override;
  void on_progress(uint32_t sender, const EventProgressPtr& progress) override { watermark_.observe(sender, progress); }
  const Watermark* watermark() const override { return &watermark_; }
  void committed(uint64_t epochs) override { states_.committed(epochs); }
  bool waits_for_time() const override { return watermark_.waits_for_time() && states_.waits(); }
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  uint64_t changes() const override { return changes_; }
  size_t keys() const override { return states_.size(); }
  size_t memory() const override { return states_.memory(); }

  /// The key's row as of all events up to `at`, or of now. Any thread. Errors: as lookup().
  struct Answer {
    FeatureFold::Known known = FeatureFold::Known::kNoEvents;
    BatchPtr row;        // of the view's schema; null unless known
    Timestamp newest{};  // the newest event that counts
    Timestamp oldest{};  // of kForgotten: nothing up to then is kept apart
  };
  Result<Answer> read(const std::vector<std::string>& key, std::optional<Timestamp> at) const;

 private:
  /// As of when a view shows the key.
  int64_t now_of(const FeatureHistory& history) const;
  Status append_row(FeatureFold& fold, std::string_view key, const FeatureHistory& history, int64_t before,
                    BatchBuilder& rows) const;
  Status fold_old();
  Status emit_changed(StageOutput& out);

  const FeaturePlan plan_;
  Watermark watermark_;
  std::atomic<int64_t> mark_{Watermark::kNone.micros};  // as the last epoch left it
  FeatureFold fold_;
  FeatureEvents events_;
  KeyedStates<FeatureHistory> states_;
  std::vector<uint32_t> fresh_;  // slots with events in this epoch
  std::atomic<uint64_t> changes_ = 1;
};

topology::ComponentType features_type();
Result<std::unique_ptr<Aggregator>> make_feature_store(const MakeContext& context);

}  // namespace penstock
