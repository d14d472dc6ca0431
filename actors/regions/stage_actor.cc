#include "actors/regions/stage_actor.h"

#include "actors/regions/aligner.h"
#include "actors/regions/epoch_ledger.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
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
        work_(runtime_.clock, runtime_.monitor,
              config_.steps.empty() ? monitoring::Origin{config_.writes, "log", "log"} : config_.steps.back().origin),
        aligner_(config_.inputs) {}

  Status start() {
    for (const StageActorConfig::Step& step : config_.steps) {
      if (!step.make_aggregator) {
        PENSTOCK_ASSIGN(StagePtr stage, step.make());
        stages_.push_back({std::move(stage), nullptr});
        continue;
      }
      PENSTOCK_ASSIGN(std::shared_ptr<Aggregator> aggregator, step.make_aggregator());
      PENSTOCK_TRY(restore(step.id, *aggregator));
      runtime_.views.set(step.id, config_.worker, aggregator);
      stages_.push_back({aggregator, aggregator});
    }
    part_ = std::make_shared<EpochPart>();
    return ok();
  }

  Status on_batch(const BatchMessage& message) {
    const WorkClock::Work work(work_);
    return carry_out(aligner_.on_batch(message.input, message.batch));
  }

  Status on_marker(const MarkerMessage& message) {
    const WorkClock::Work work(work_);
    return carry_out(aligner_.on_marker(message.input, message.epoch));
  }

 private:
  struct Held {
    std::shared_ptr<Stage> stage;
    std::shared_ptr<Aggregator> aggregator;  // the same, if it is one
  };

  Status restore(const std::string& table, Aggregator& aggregator) {
    Status status;
    PENSTOCK_TRY(runtime_.store.scan(table, "", [&](std::string_view key, std::string_view value) {
      if (route_key(key, config_.workers) == config_.worker)
        status = aggregator.restore(key, value);
      return status.ok();
    }));
    return status.with_context("table \"" + table + "\"");
  }

  Status carry_out(const std::vector<Aligner::Step>& steps) {
    for (const Aligner::Step& step : steps)
      PENSTOCK_TRY(step.batch ? process(0, step.batch) : end_epoch(step.epoch));
    return ok();
  }

  // Runs the batch through the chain from stage `index` on.
  Status process(size_t index, const BatchPtr& batch) {
    if (index == stages_.size()) {
      emit(batch);
      return ok();
    }
    const StageActorConfig::Step& step = config_.steps[index];
    const int64_t begun = runtime_.clock.monotonic_nanos();
    StageOutput out;
    const Status status = stages_[index].stage->process(batch, out);
    if (!status.ok()) {
      runtime_.monitor.emit(monitoring::ComponentError{step.origin, "processing", status.message()});
      return status.with_context("stage \"" + step.id + "\"");
    }
    const int64_t now = runtime_.clock.monotonic_nanos();
    runtime_.monitor.emit(monitoring::BatchReceived{step.origin, batch->rows(), batch->memory()});
    runtime_.monitor.emit(monitoring::BatchProcessed{step.origin, static_cast<double>(now - begun) * 1e-9});
    runtime_.board.add_records(step.id, batch->rows());
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
    for (const BatchPtr& batch : out.batches) {
      if (batch->rows() == 0)
        continue;
      runtime_.monitor.emit(monitoring::BatchSent{step.origin, batch->rows(), batch->memory()});
      PENSTOCK_TRY(process(index + 1, batch));
    }
    return ok();
  }

  void emit(const BatchPtr& batch) {
    if (!config_.writes.empty())
      written_.push_back(batch);
    for (const OutEdge& edge : config_.edges)
      for (auto& [worker, part] : edge.router.split(batch))
        self_->send(edge.targets[worker], BatchMessage{edge.input, part});
  }

  Status end_epoch(Epoch epoch) {
    for (size_t i = 0; i < stages_.size(); ++i) {
      if (!stages_[i].aggregator)
        continue;
      StageOutput out;
      PENSTOCK_TRY(stages_[i].aggregator->end_epoch(out).with_context("stage \"" + config_.steps[i].id + "\""));
      if (!out.changes.empty())
        part_->deltas.emplace_back(config_.steps[i].id, std::move(out.changes));
      PENSTOCK_TRY(hand_on(i, out));
      runtime_.monitor.emit(monitoring::StateSize{config_.steps[i].origin, stages_[i].aggregator->keys(),
                                                  stages_[i].aggregator->memory()});
    }
    if (!written_.empty()) {
      const BatchPtr rows = written_.size() == 1 ? written_.front()->compact() : concatenate(written_);
      part_->appends.push_back({config_.writes, encode_batch(*rows), static_cast<uint32_t>(rows->rows()), rows});
      written_.clear();
    }
    part_->epoch = epoch;
    for (const OutEdge& edge : config_.edges)
      for (const caf::actor& target : edge.targets)
        self_->send(target, MarkerMessage{edge.input, epoch});
    self_->send(config_.reader(), EpochPartMessage{std::move(part_)});
    part_ = std::make_shared<EpochPart>();
    return ok();
  }

  Self* self_;
  StageActorConfig config_;
  Runtime& runtime_;
  WorkClock work_;
  Aligner aligner_;
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
  const auto check = [self](const Status& status) {
    if (!status.ok())
      fail(self, status);
  };
  check(worker->start());
  self->send(supervisor, StartedMessage{});
  return {
      [=](const BatchMessage& message) { check(worker->on_batch(message)); },
      [=](const MarkerMessage& message) { check(worker->on_marker(message)); },
  };
}

}  // namespace penstock
