// Aggregator `join`: puts rows of its left input together with rows of its right input that have the same key. Three modes:
//
//   table: current   The right input is a table: its newest row of each key. A left row sees the row that is there when it
//                    comes; it may wait for one, by the clock.
//   table: as_of     The right rows are versions by `right_time`. A left row sees the newest one that is not later than
//                    itself. With `wait` it is answered when all right rows up to its time have come (the right input's
//                    watermark has passed it), so that the result does not depend on which input is read first; or, by the
//                    clock, when it has waited that long.
//   within           Both are streams: rows whose times are near enough make a pair. A row is kept until the watermark
//                    has passed all rows that could belong to it; with `kind: left` one that found none then comes out alone.
//                    A row behind the watermark, as the last epoch left it, goes to the output `late` or `late_right`.
//
// A null in the key equals nothing. Threads and life as in aggregator.h; there is nothing to look up in it. Keys that memory has
// no room for are in the table alone (resident_keys.h); their timers stay in memory.
//
//   table key   := append_key of the key columns (messages/key.h), or the watermark's (watermark.h)
//   table value := state (join_state.h)
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/join_plan.h"
#include "actors/aggregators/join_rows.h"
#include "actors/aggregators/join_state.h"
#include "actors/aggregators/resident_keys.h"
#include "actors/aggregators/watermark.h"

namespace penstock {

struct MakeContext;

class Join final : public Aggregator {
 public:
  static constexpr const char* kLate = "late";
  static constexpr const char* kLateRight = "late_right";

  Join(JoinPlan plan, const Clock& clock);

  void set_senders(const std::vector<uint32_t>& input_of) override { watermark_.set_inputs(input_of, 2); }
  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override { return process_input(0, batch, out); }
  Status process_input(size_t side, const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  void on_progress(uint32_t sender, const EventProgressPtr& progress) override { watermark_.observe(sender, progress); }
  const Watermark* watermark() const override { return &watermark_; }
  bool waits_for_time() const override;
  void committed(uint64_t epochs) override;
  Result<BatchPtr> lookup(const std::vector<std::string>&) const override { return BatchPtr(); }
  Result<BatchPtr> read_all(size_t) const override { return RecordBatch::empty(plan_.schema); }
  size_t keys() const override { return shown_keys_; }
  size_t memory() const override { return shown_memory_; }

 private:
  using Timers = std::set<std::pair<int64_t, std::string>>;  // when, key
  struct Keyed {
    size_t row;  // physical
    std::string key;
    uint64_t hash;
  };

  bool goes_by_time() const { return plan_.mode != JoinPlan::Mode::kCurrent; }
  /// The rows to join, with their keys; late ones and those that cannot be joined go where they belong.
  std::vector<Keyed> sort_out(size_t side, const BatchPtr& batch, StageOutput& out);
  Status fetch(std::vector<std::string_view> keys);
  std::optional<uint32_t> find(const Keyed& row) const { return keys_.index().find(row.key, row.hash); }
  uint32_t insert(std::string_view key, uint64_t hash);
  void touch(uint32_t slot);
  int64_t time_of(size_t side, const RecordBatch& batch, size_t row) const;

  Status take_left(const RecordBatch& batch, const Keyed& row);
  Status take_right(const RecordBatch& batch, const Keyed& row, bool deleted);
  Status pair_up(size_t side, const RecordBatch& batch, const Keyed& row);
  Status keep_waiting(const RecordBatch& batch, const Keyed& row, int64_t time);
  /// Answers the waiting rows for which that holds.
  Status answer(JoinState& state, const std::function<bool(const JoinRow&)>& which);

  Status fire(Timers& timers, int64_t until, bool by_clock, StageOutput& out);
  Status expire(JoinState& state);
  std::pair<int64_t, int64_t> due(const JoinState& state) const;  // by event time, by the clock
  void set_timers(uint32_t slot);
  void store_changes(StageOutput& out);
  void spill();

  const JoinPlan plan_;
  const Clock& clock_;
  Watermark watermark_;
  int64_t mark_, right_mark_;  // as the last epoch left them
  ResidentKeys keys_;
  std::vector<JoinState> states_;  // by slot
  Timers event_timers_, clock_timers_;
  size_t timer_bytes_ = 0;
  JoinRows rows_;
  uint64_t epoch_ = 1;
  std::deque<std::pair<uint64_t, uint32_t>> emptied_;  // epoch, slot: to be given up when that is committed
  std::atomic<size_t> shown_keys_ = 0, shown_memory_ = 0;
};

topology::ComponentType join_type();
Result<std::unique_ptr<Aggregator>> make_join(const MakeContext& context);

}  // namespace penstock
