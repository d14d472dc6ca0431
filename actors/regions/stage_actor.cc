#include "actors/regions/stage_actor.h"

#include <algorithm>
#include <deque>

#include "actors/aggregators/watermark.h"
#include "actors/batch/run_tables.h"
#include "actors/regions/aligner.h"
#include "actors/regions/epoch_ledger.h"
#include "actors/regions/region_turn.h"
#include "actors/regions/stage_traces.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
#include "core/fault_points.h"
#include "messages/batch_codec.h"
#include "messages/key.h"

namespace penstock {

using Self = caf::stateful_actor<StageActorState>;

class StageWorker {
 public:
  StageWorker(Self* self, StageActorConfig config)
      : self_(self),
        config_(std::move(config)),
        runtime_(*config_.runtime),
        work_(runtime_.clock, config_.pulse),
        aligner_(config_.inputs),
        traces_(runtime_, config_.logs) {}

  Status start() {
    for (const StageActorConfig::Step& step : config_.steps) {
      if (!step.make_aggregator) {
        PENSTOCK_ASSIGN(StagePtr stage, step.make());
        stages_.push_back({std::move(stage), nullptr});
        continue;
      }
      PENSTOCK_ASSIGN(std::shared_ptr<Aggregator> aggregator, step.make_aggregator());
      aggregator->set_senders(config_.input_of);
      PENSTOCK_TRY(open(step, *aggregator));
      runtime_.views.set(step.id, config_.worker, aggregator);
      tell_state(*aggregator);
      stages_.push_back({aggregator, aggregator});
    }
    part_ = std::make_shared<EpochPart>();
    return ok();
  }

  Status on_batch(const BatchMessage& message) {
    const WorkClock::Work work(work_);
    work_.pulse().take_up(message.batch->memory());
    return carry_out(aligner_.on_batch(message.input, message.batch, message.progress));
  }

  Status on_marker(const MarkerMessage& message) {
    const WorkClock::Work work(work_);
    return carry_out(aligner_.on_marker(message.input, message.epoch, message.progress, message.turn));
  }

  /// The component to name when `status` ends the worker: the one at work, unless something outside it failed.
  std::string to_blame(const Status& status) const {
    const bool records = status.code() == Code::kInternal || status.code() == Code::kInvalidArgument;
    return records ? at_work_ : "";
  }

 private:
  struct Held {
    std::shared_ptr<Stage> stage;
    std::shared_ptr<Aggregator> aggregator;  // the same, if it is one
  };

  Status open(const StageActorConfig::Step& step, Aggregator& aggregator) {
    MemoryAccount& account = accounts_.emplace_back(runtime_.memory, "state." + step.id);
    MemoryShare share;
    share.limit = step.memory / config_.workers;
    share.report = [&account](uint64_t bytes) { account.set(bytes); };
    share.node_is_full = [&memory = runtime_.memory] { return memory.exceeded(); };
    share.is_overdrawn = [progress = config_.progress, was = false](bool is) mutable {
      if (is != was)
        is ? ++progress->overdrawn : --progress->overdrawn;
      was = is;
    };
    PENSTOCK_ASSIGN(const std::string table, present_table(runtime_.store, step.id));
    return aggregator.open(StoredKeys(runtime_.store, table, config_.worker, config_.workers), std::move(share))
        .with_context("table \"" + step.id + "\"");
  }

  Status carry_out(const std::vector<Aligner::Step>& steps) {
    try {
      for (const Aligner::Step& step : steps) {
        if (step.batch)
          PENSTOCK_TRY(hit(FaultPoint::kStageProcess));
        tell_progress(step);
        const uint32_t input = step.input < config_.input_of.size() ? config_.input_of[step.input] : 0;
        PENSTOCK_TRY(step.batch ? process(0, step.batch, input) : end_epoch(step.epoch, step.turn));
      }
    } catch (const std::exception& error) {  // a bug that some record brings to light
      return internal_error(error.what()).with_context("stage \"" + at_work_ + "\"");
    }
    return ok();
  }

  // Only the first stage of a chain can be one that goes by event time: an aggregator is never fused.
  void tell_progress(const Aligner::Step& step) {
    if (stages_.empty() || !stages_.front().aggregator)
      return;
    if (!step.batch)
      time_held_ = config_.progress->holds_time(step.epoch);
    else if (step.progress && !time_held_)
      stages_.front().aggregator->on_progress(step.input, step.progress);
    for (uint32_t input = 0; input < step.ended.size(); ++input)
      if (step.ended[input])
        stages_.front().aggregator->on_progress(input, time_held_ ? held(step.ended[input]) : step.ended[input]);
  }

  static EventProgressPtr held(const EventProgressPtr& progress) {
    auto out = std::make_shared<EventProgress>(*progress);
    out->parts.push_back({Watermark::kUnread, 0, Watermark::kNone});
    return out;
  }

  // Runs the batch through the chain from stage `index` on.
  Status process(size_t index, const BatchPtr& batch, size_t input = 0) {
    if (index == stages_.size()) {
      emit(batch);
      return ok();
    }
    const StageActorConfig::Step& step = config_.steps[index];
    at_work_ = step.id;
    const int64_t begun = runtime_.clock.monotonic_nanos();
    StageOutput out;
    const Status status = stages_[index].stage->process_input(input, batch, out);
    if (!status.ok()) {
      runtime_.monitor.emit(monitoring::ComponentError{step.origin, "processing", status.message()});
      return status.with_context("stage \"" + step.id + "\"");
    }
    const int64_t now = runtime_.clock.monotonic_nanos();
    runtime_.monitor.emit(monitoring::BatchReceived{step.origin, batch->rows(), batch->memory()});
    runtime_.monitor.emit(monitoring::BatchProcessed{step.origin, static_cast<double>(now - begun) * 1e-9});
    runtime_.board.add_records(step.id, batch->rows());
    if (traces_.any())
      traces_.processed(step.origin, batch, out, static_cast<double>(now - begun) * 1e-9);
    if (stages_[index].aggregator && batch->origin())
      runtime_.monitor.emit(monitoring::EventServed{
          step.origin, static_cast<double>(runtime_.clock.now().micros - batch->origin()->ingested.micros) * 1e-6,
          batch->rows()});
    return hand_on(index, out);
  }

  Status hand_on(size_t index, StageOutput& out) {
    const StageActorConfig::Step& step = config_.steps[index];
    if (!out.rejected.empty())
      runtime_.monitor.emit(monitoring::RecordsRejected{step.origin, out.rejected.size(),
                                                        step.origin.type == "validate" ? "rule" : "expression"});
    for (Rejected& rejected : out.rejected)
      part_->rejected.emplace_back(step.id, std::move(rejected));
    for (const auto& [output, batch] : out.sides) {
      emit(batch, output);
      if (!is_read(output))  // else its reader tells
        runtime_.monitor.emit(
            monitoring::BatchReceived{{step.id + "." + output, "stage", "output"}, batch->rows(), batch->memory()});
    }
    for (const BatchPtr& batch : out.batches) {
      if (batch->rows() == 0)
        continue;
      if (runtime_.taps.any())
        runtime_.taps.show(step.id, batch);
      runtime_.monitor.emit(monitoring::BatchSent{step.origin, batch->rows(), batch->memory()});
      PENSTOCK_TRY(process(index + 1, batch));
    }
    return ok();
  }

  bool is_read(const std::string& output) const {
    return std::any_of(config_.edges.begin(), config_.edges.end(),
                       [&](const OutEdge& edge) { return edge.output == output; });
  }

  // A stage with other outputs is the last of its chain, since these have readers of their own.
  void emit(const BatchPtr& batch, const std::string& output = "") {
    if (batch->rows() == 0)
      return;
    if (!config_.writes.empty() && output.empty())
      written_.push_back(batch);
    for (OutEdge& edge : config_.edges)
      if (edge.output == output)
        edge.send(self_, batch);
  }

  Status end_epoch(Epoch epoch, const RegionTurnPtr& turn) {
    for (size_t i = 0; i < stages_.size(); ++i) {
      if (!stages_[i].aggregator)
        continue;
      at_work_ = config_.steps[i].id;
      StageOutput out;
      stages_[i].aggregator->committed(config_.progress->committed);
      PENSTOCK_TRY(stages_[i].aggregator->end_epoch(out).with_context("stage \"" + config_.steps[i].id + "\""));
      add_changes(i, out);
      if (turn && turn->component == config_.steps[i].id) {
        PENSTOCK_TRY(turn->act(*stages_[i].aggregator, config_.worker, config_.workers, out));
        add_changes(i, out);
      }
      part_->waits_for_time |= stages_[i].aggregator->waits_for_time();
      PENSTOCK_TRY(hand_on(i, out));
      tell_state(*stages_[i].aggregator);
    }
    if (!written_.empty()) {
      const BatchPtr rows = written_.size() == 1 ? written_.front()->compact() : concatenate(written_);
      part_->appends.push_back({config_.writes, encode_batch(*rows), static_cast<uint32_t>(rows->rows()), rows,
                                traces_.any() ? traces_.written(written_) : std::vector<EpochPart::Followed>()});
      written_.clear();
    }
    part_->epoch = epoch;
    for (OutEdge& edge : config_.edges)
      edge.end_epoch(self_, epoch, turn);
    self_->send(config_.reader(), EpochPartMessage{std::move(part_)});
    part_ = std::make_shared<EpochPart>();
    return ok();
  }

  void tell_state(const Aggregator& aggregator) {
    Pulse& pulse = work_.pulse();
    pulse.holds_state = true;
    pulse.keys = aggregator.keys();
    pulse.state_bytes = aggregator.memory();
    if (const Watermark* watermark = aggregator.watermark())
      pulse.event_time = watermark->reached().micros;
  }

  void add_changes(size_t index, StageOutput& out) {
    for (auto& changes : out.other_changes)
      part_->deltas.push_back(std::move(changes));
    out.other_changes.clear();
    if (out.changes.empty())
      return;
    const std::string table = stages_[index].aggregator->table();
    part_->deltas.emplace_back(table.empty() ? config_.steps[index].id : table, std::move(out.changes));
    out.changes.clear();
  }

  Self* self_;
  StageActorConfig config_;
  Runtime& runtime_;
  WorkClock work_;
  Aligner aligner_;
  StageTraces traces_;
  bool time_held_ = true;  // since the last epoch's end (RegionProgress::hold_time)
  std::string at_work_;    // the component that handles records now
  std::deque<MemoryAccount> accounts_;
  std::vector<Held> stages_;
  std::vector<BatchPtr> written_;
  std::shared_ptr<EpochPart> part_;
};

StageActorState::StageActorState() = default;
StageActorState::~StageActorState() = default;

caf::behavior stage_actor(Self* self, StageActorConfig config) {
  fail_on_exceptions(self);
  const caf::actor supervisor = config.supervisor;
  self->state.worker = std::make_unique<StageWorker>(self, std::move(config));
  StageWorker* worker = self->state.worker.get();
  const auto check = [self, worker](const Status& status) {
    if (!status.ok())
      fail(self, status, worker->to_blame(status));
  };
  check(worker->start());
  self->send(supervisor, StartedMessage{});
  return {
      [=](const BatchMessage& message) { check(worker->on_batch(message)); },
      [=](const MarkerMessage& message) { check(worker->on_marker(message)); },
  };
}

}  // namespace penstock
