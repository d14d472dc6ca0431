#include "actors/sinks/sink_actor.h"

#include <chrono>

#include "actors/components.h"
#include "actors/make_context.h"
#include "actors/regions/attempts.h"
#include "actors/regions/log_reader.h"
#include "actors/regions/store_gate.h"
#include "actors/sinks/delivery.h"
#include "actors/sinks/delivery_traces.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
#include "core/fault_points.h"
#include "core/random.h"
#include "messages/actor_protocol.h"

namespace penstock {

using Self = caf::stateful_actor<SinkActorState>;

namespace {

constexpr int64_t kReportEvery = 1'000'000'000;  // ns

bool may_pass(Code code) { return code == Code::kUnavailable || code == Code::kResourceExhausted; }

}  // namespace

class SinkWorker {
 public:
  SinkWorker(Self* self, Runtime* runtime, std::string id, caf::actor supervisor)
      : self_(self),
        runtime_(*runtime),
        id_(std::move(id)),
        supervisor_(std::move(supervisor)),
        component_(runtime->plan.topology.find(id_)->component),
        work_(runtime_.clock, runtime_.pulses.add(id_, "writer", {id_, "sink", component_.type})),
        policy_(delivery_policy(component_)),
        gate_(runtime_.store),
        traces_(runtime_) {}

  Status start(const LastFailure& last_failure) {
    const auto& make = std::get<MakeSink>(component_entry(component_.role, component_.type).make);
    PENSTOCK_ASSIGN(sink_, make(make_context(runtime_.plan.topology, id_, runtime_.clock, runtime_.store_id)));
    PENSTOCK_TRY(open_log());
    attempts_.emplace(&runtime_, id_, work_.origin(), sink_->rows_at_once());
    PENSTOCK_TRY(attempts_->restore(last_failure));
    if (attempts_->searching())
      set_state("isolating", last_failure.reason);
    if (attempts_->expects_failure())
      self_->send(supervisor_, SearchingMessage{});
    const auto me = caf::actor_cast<caf::actor>(self_);
    subscription_ = runtime_.store.subscribe(logs_.front().log(), [me] { caf::anon_send(me, WakeMessage{}); });
    self_->send(self_, WakeMessage{});
    return ok();
  }

  // Does whatever is next, unless it waits for a commit or for the end of a pause.
  Status go_on() {
    const WorkClock::Work work(work_);
    if (const int64_t now = runtime_.clock.monotonic_nanos(); now - reported_ >= kReportEvery)
      report(now);
    if (committing_ != Committing::kNothing || pausing_)
      return stopping_ && pausing_ ? quit() : ok();
    if (!open_)
      if (const Status opened = open_sink(); !opened.ok())
        return on_refusal(opened);
    return attempts_->searching() ? search() : deliver_what_is_there();
  }

  Status on_committed(const Status& status) {
    work_.set_committing(false);
    const Committing committed = std::exchange(committing_, Committing::kNothing);
    PENSTOCK_TRY(status);
    if (committed == Committing::kDelivery) {
      runtime_.board.add_records(id_, records_);
      runtime_.monitor.emit(monitoring::BatchSent{work_.origin(), records_, 0});
      traces_.delivered(work_.origin());
    } else if (committed == Committing::kAttempt && attempts_->searching()) {
      const WorkClock::Work work(work_);
      return deliver(attempts_->records());
    }
    return go_on();
  }

  Status on_tick() {
    pausing_ = false;
    return go_on();
  }

  // While the store takes nothing at all the commit waits here, so that nothing is delivered again and again.
  void try_commit() {
    if (const Status closed = gate_.closed(); !closed.ok()) {
      set_state("paused", closed.message());
      self_->delayed_send(self_, std::chrono::microseconds(StoreGate::kLookAgain.micros),
                          TickMessage{StoreGate::kTick});
      return;
    }
    work_.set_committing(true);
    const auto me = caf::actor_cast<caf::actor>(self_);
    runtime_.store.commit(gate_.release(), [me](const Committed& committed) {
      caf::anon_send(me, CommittedMessage{committed.status, {}});
    });
  }

  Status stop() {
    stopping_ = true;
    return go_on();
  }

  const std::string& id() const { return id_; }

 private:
  enum class Committing { kNothing, kAttempt, kExcuse, kDelivery, kDeadLetter };

  Status open_log() {
    const std::string& log = component_.inputs.front();
    logs_.clear();
    logs_.emplace_back(runtime_.store, &runtime_.cache, log, runtime_.plan.topology.find(log)->binding.output);
    logs_.front().tell_losses(runtime_.monitor, work_.origin());
    return logs_.front().open(id_);
  }

  Status open_sink() {
    PENSTOCK_ASSIGN(const auto position, runtime_.store.get(kSinkPositions, id_));
    PENSTOCK_TRY(sink_->open(position.value_or("")));
    open_ = true;
    return ok();
  }

  std::function<void()> waker() const {
    return [me = caf::actor_cast<caf::actor>(self_)] { caf::anon_send(me, WakeMessage{}); };
  }

  Status deliver_what_is_there() {
    PENSTOCK_ASSIGN(const bool any, logs_.front().any());
    if (!any)
      return stopping_ ? quit() : ok();
    if (attempts_->must_begin()) {
      if (!attempts_->may_begin(waker()))
        return stopping_ ? quit() : ok();
      commit(attempts_->begin(), Committing::kAttempt);
      return ok();
    }
    return deliver(sink_->rows_at_once());
  }

  Status search() {
    if (stopping_)
      return quit();
    if (!attempts_->may_begin(waker()))
      return ok();
    PENSTOCK_ASSIGN(LogReader * log, attempts_->choose(logs_));
    if (!log) {
      set_state("running");
      return deliver_what_is_there();
    }
    if (!attempts_->must_set_aside()) {
      commit(attempts_->begin(), Committing::kAttempt);
      return ok();
    }
    WriteBatch write;
    PENSTOCK_TRY(attempts_->set_aside(*log, write));
    runtime_.monitor.emit(monitoring::RecordsRejected{work_.origin(), 1, "refused"});
    commit(std::move(write), Committing::kDeadLetter);
    return ok();
  }

  // Takes up to that many records outside and commits them; of the search's partition, if there is one.
  Status deliver(uint64_t records) {
    LogReader& log = logs_.front();
    records_ = 0;
    traces_.begin();
    const Status status = take_out(log, records);
    if (!status.ok())
      return on_refusal(status);
    auto position = confirm();
    if (!position.ok())
      return on_refusal(position.status());
    failures_ = 0;
    if (!attempts_->searching())
      set_state("running");
    WriteBatch write;
    write.put(kSinkPositions, id_, *std::move(position));
    set_positions(write);
    if (attempts_->searching()) {
      PENSTOCK_TRY(attempts_->look_behind(log));
      attempts_->slice_passed(log, write);
    } else {
      attempts_->succeeded(write);
    }
    commit(std::move(write), Committing::kDelivery);
    return ok();
  }

  void set_positions(WriteBatch& write) const {
    const LogReader& log = logs_.front();
    for (uint32_t p = 0; p < log.positions().size(); ++p)
      write.set_position(id_, log.log(), Partition(p), log.positions()[p]);
  }

  Status take_out(LogReader& log, uint64_t records) {
    const auto partitions = static_cast<uint32_t>(log.positions().size());
    for (uint32_t empty = 0; empty < partitions && records_ < records;) {
      const Partition partition = attempts_->searching() ? attempts_->partition() : Partition(turn_++ % partitions);
      PENSTOCK_ASSIGN(const BatchPtr batch, log.next_of(partition, records - records_));
      if (!batch) {
        ++empty;
        continue;
      }
      empty = 0;
      PENSTOCK_TRY(hit(FaultPoint::kSinkWrite));
      PENSTOCK_TRY(sink_->write(batch));
      records_ += batch->rows();
      traces_.add(log.log(), *batch);
      runtime_.monitor.emit(monitoring::BatchReceived{work_.origin(), batch->rows(), batch->memory()});
    }
    return ok();
  }

  Result<std::string> confirm() {
    PENSTOCK_TRY(hit(FaultPoint::kSinkSync));
    return sink_->sync();
  }

  // The outside, or the sink, did not take what it was given: begins again at what is committed.
  Status on_refusal(const Status& status) {
    report(runtime_.clock.monotonic_nanos());
    if (status.code() != Code::kInvalidArgument && !may_pass(status.code()))
      return status;
    open_ = false;
    PENSTOCK_TRY(open_log());
    const bool lasting = may_pass(status.code()) && policy_.max_tries > 0 && ++tries_ >= policy_.max_tries;
    const bool to_blame = !attempts_->searching() || attempts_->expects_failure();  // may the records be?
    if (to_blame && (status.code() == Code::kInvalidArgument || lasting)) {
      tries_ = 0;
      set_state("isolating", status.message());
      attempts_->refuse(status.message(), id_);
      self_->send(self_, WakeMessage{});
      return ok();
    }
    return pause(status);
  }

  // Tries again after a while. A process that ends meanwhile has not failed of the records. The positions are kept too: what
  // retention drops behind them, before anything was delivered, is a loss and is told once.
  Status pause(const Status& status) {
    ++failures_;
    const uint64_t spread = splitmix64(runtime_.options.seed + failures_);
    const Duration pause = policy_.backoff.pause(failures_, static_cast<double>(spread >> 11) * 0x1.0p-53);
    set_state("retrying", status.message());
    runtime_.monitor.emit(monitoring::DeliveryRetried{work_.origin(), failures_, pause.seconds(), status.message()});
    pausing_ = true;
    self_->delayed_send(self_, std::chrono::microseconds(pause.micros), TickMessage{failures_});
    WriteBatch write;
    attempts_->excuse(write);
    set_positions(write);
    commit(std::move(write), Committing::kExcuse);
    return ok();
  }

  // Quits, taking an attempt back that never came to anything.
  Status quit() {
    if (WriteBatch write; attempts_->withdrawn(write))
      commit(std::move(write), Committing::kAttempt);
    else
      self_->quit();
    return ok();
  }

  void commit(WriteBatch write, Committing what) {
    committing_ = what;
    gate_.hold(std::move(write));
    try_commit();
  }

  void report(int64_t now) {
    reported_ = now;
    sink_->report(runtime_.monitor, work_.origin());
  }

  void set_state(const std::string& state, const std::string& message = {}) {
    if (state == state_ && message == message_)
      return;
    const bool changed = state != state_;
    state_ = state;
    message_ = message;
    runtime_.board.set_state(id_, state, message);
    if (changed)
      runtime_.monitor.emit(monitoring::ComponentState{work_.origin(), state, message});
  }

  Self* self_;
  Runtime& runtime_;
  std::string id_;
  caf::actor supervisor_;
  const topology::Component& component_;
  WorkClock work_;
  DeliveryPolicy policy_;
  StoreGate gate_;
  DeliveryTraces traces_;
  std::vector<LogReader> logs_;  // one
  std::optional<Attempts> attempts_;
  SinkPtr sink_;
  Store::Subscription subscription_;
  std::string state_ = "running", message_;
  uint32_t turn_ = 0;
  uint64_t records_ = 0;   // of the delivery under way
  uint64_t failures_ = 0;  // deliveries in a row that failed for now
  uint64_t tries_ = 0;     // of the same records
  int64_t reported_ = 0;   // monotonic ns
  Committing committing_ = Committing::kNothing;
  bool open_ = false, pausing_ = false, stopping_ = false;
};

SinkActorState::SinkActorState() = default;
SinkActorState::~SinkActorState() = default;

namespace {

caf::behavior sink_actor(Self* self, Runtime* runtime, std::string id, const caf::actor& supervisor,
                         const LastFailure& last_failure) {
  fail_on_exceptions(self);
  self->state.worker = std::make_unique<SinkWorker>(self, runtime, std::move(id), supervisor);
  SinkWorker* worker = self->state.worker.get();
  const auto check = [self, worker](const Status& status) {
    if (!status.ok())
      fail(self, status, status.code() == Code::kInternal ? worker->id() : "");
  };
  check(worker->start(last_failure));
  self->send(supervisor, StartedMessage{});
  return {
      [=](WakeMessage) { check(worker->go_on()); },
      [=](const CommittedMessage& message) { check(worker->on_committed(message.status)); },
      [=](TickMessage tick) {
        if (tick.number == StoreGate::kTick)
          worker->try_commit();
        else
          check(worker->on_tick());
      },
      [=](StopMessage) { check(worker->stop()); },
  };
}

}  // namespace

Supervised supervised_sink(Runtime* runtime, const std::string& id) {
  Supervised supervised;
  supervised.origin = {id, "sink", runtime->plan.topology.find(id)->component.type};
  supervised.components = {id};
  supervised.workers = {"writer"};
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure& last_failure) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)
      return std::vector<caf::actor>{supervisor->spawn<caf::detached>(sink_actor, runtime, id, me, last_failure)};
    return std::vector<caf::actor>{supervisor->spawn(sink_actor, runtime, id, me, last_failure)};
  };
  return supervised;
}

}  // namespace penstock
