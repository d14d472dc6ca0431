// Aggregator `enrich`: gives each row the features of its key as of the row's own time: of the events strictly before it, by the
// rules of features.h. Its first input are the rows; the other one is the output `events` of the `features` that it names, of
// which it keeps a history of its own, with the selected features only and no further back than late rows need.
//
// A row waits until the watermark of both inputs has reached its time, for then all events before it have come (but those that
// are late). So the result is a function of rows and events, however they were interleaved: what a model is trained on in a
// replay is what it saw live. With `as_of: arrival` a row is answered when it comes, with what is known then.
//
// A key without events, or whose events have expired, has the features of no events: 0 for counts, else null. A row that is
// older than the history goes to the output `late`.
//
//   table key   := append_key of the key columns, or a timer's or the watermark's (keyed_states.h)
//   table value := version:u8 (1) { at:i64 size:u32 row }* as count:u32 first, then FeatureHistory (feature_history.h);
//                  row as in join_rows.h
#pragma once

#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/feature_events.h"
#include "actors/aggregators/keyed_states.h"
#include "actors/aggregators/watermark.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct EnrichPlan {
  FeaturePlan features;     // the selected ones; its time, lateness and history are those of the enrich
  std::vector<size_t> key;  // columns of the rows
  size_t time = 0;
  bool at_arrival = false;
  SchemaPtr schema;  // the rows' columns, then the features
};

struct EnrichState {
  struct Waiting {
    int64_t at;
    std::string row;
  };
  FeatureHistory history;
  std::vector<Waiting> waiting;  // ascending by time, then as they came

  bool empty() const { return waiting.empty() && history.empty(); }
  std::optional<int64_t> due() const;
  size_t memory() const;
  void encode(std::string& out) const;
  static Result<EnrichState> decode(std::string_view bytes);
};

class Enrich final : public Aggregator {
 public:
  static constexpr const char* kLate = "late";

  /// `clock` outlives it.
  Enrich(EnrichPlan plan, const Clock& clock);

  void set_senders(const std::vector<uint32_t>& input_of) override { watermark_.set_inputs(input_of, 2); }
  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override { return process_input(0, batch, out); }
  Status process_input(size_t input, const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override { return states_.restore(key, value); }
  Status end_epoch(StageOutput& out) override;
  void on_progress(uint32_t sender, const EventProgressPtr& progress) override { watermark_.observe(sender, progress); }
  const Watermark* watermark() const override { return &watermark_; }
  void committed(uint64_t epochs) override { states_.committed(epochs); }
  bool waits_for_time() const override { return watermark_.waits_for_time() && waiting_ > 0; }
  Result<BatchPtr> lookup(const std::vector<std::string>&) const override { return BatchPtr(); }
  Result<BatchPtr> read_all(size_t) const override { return RecordBatch::empty(plan_.schema); }
  size_t keys() const override { return states_.size(); }
  size_t memory() const override { return states_.memory(); }

 private:
  Status take_rows(const BatchPtr& batch, StageOutput& out);
  Status take_events(const BatchPtr& batch, StageOutput& out);
  Status append_features(const FeatureHistory& history, int64_t at, BatchBuilder& rows);
  Status answer_waiting(EnrichState& state, BatchBuilder& rows);

  const EnrichPlan plan_;
  const std::vector<size_t> row_columns_;
  Watermark watermark_;
  int64_t mark_ = Watermark::kNone.micros;  // as the last epoch left it
  FeatureFold fold_;
  FeatureEvents events_;
  KeyedStates<EnrichState> states_;
  std::vector<uint32_t> fresh_;
  size_t waiting_ = 0;  // rows, of all keys
  BatchKeys keys_;
};

topology::ComponentType enrich_type();
Result<std::unique_ptr<Aggregator>> make_enrich(const MakeContext& context);

}  // namespace penstock
