#include "actors/regions/reader_actor.h"

#include <chrono>
#include <utility>

#include "actors/regions/attempts.h"
#include "actors/regions/commit_traces.h"
#include "actors/regions/epoch_commit.h"
#include "actors/regions/epoch_ledger.h"
#include "actors/regions/idle_time.h"
#include "actors/regions/in_flight_window.h"
#include "actors/regions/input_logs.h"
#include "actors/regions/open_turns.h"
#include "actors/regions/store_gate.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
#include "core/fault_points.h"

namespace penstock {

using Self = caf::stateful_actor<ReaderState>;

class Reader {
 public:
  Reader(Self* self, ReaderConfig config)
      : self_(self),
        config_(std::move(config)),
        runtime_(*config_.runtime),
        work_(runtime_.clock,
              runtime_.pulses.add(region_status_id(config_.region), "reader", {config_.region, "region", "region"})),
        attempts_(&runtime_, config_.region, work_.origin()),
        ledger_(config_.workers),
        gate_(runtime_.store),
        window_(runtime_.options.in_flight_bytes.count),
        in_flight_(runtime_.memory, "in_flight." + config_.region),
        idle_(config_.timed),
        turns_(runtime_.turns, config_.region) {}

  Status start() {
    const auto me = caf::actor_cast<caf::actor>(self_);
    for (const ReaderConfig::Input& input : config_.inputs) {
      LogReader log(runtime_.store, &runtime_.cache, input.log, input.schema);
      log.tell_losses(runtime_.monitor, work_.origin());
      PENSTOCK_TRY(logs_.add(std::move(log), config_.region));
      subscriptions_.push_back(runtime_.store.subscribe(input.log, [me] { caf::anon_send(me, WakeMessage{}); }));
    }
    runtime_.turns.attend(config_.region, [me] { caf::anon_send(me, WakeMessage{}); });
    no_memory_ = runtime_.memory.on_exceeded([me] { caf::anon_send(me, WakeMessage{}); });
    PENSTOCK_TRY(attempts_.restore(config_.last_failure));
    if (attempts_.searching())
      runtime_.board.set_state(region_status_id(config_.region), "isolating", config_.last_failure.reason);
    if (attempts_.expects_failure())
      self_->send(config_.supervisor, SearchingMessage{});
    return ok();
  }

  // Reads what there is, as far as the limits allow, and ends epochs.
  Status pump() {
    const WorkClock::Work work(work_);
    awake_ = false;
    if (attempts_.searching())
      return search();
    if (may_free_memory()) {
      relieved_at_ = runtime_.memory.used();
      current_.begun_nanos = runtime_.clock.monotonic_nanos();
      end_epoch();
      return ok();
    }
    if (is_between_epochs() && (turns_.take() || idle_.is_due(runtime_.clock.monotonic_nanos()))) {
      current_.begun_nanos = runtime_.clock.monotonic_nanos();
      end_epoch();
    }
    while (!stopping_) {
      if (attempts_.must_begin()) {
        if (!ticking_ && idle_.waits())  // nothing may come to begin with, and yet time goes by
          tick(IdleTime::kStep);
        return begin_attempt();
      }
      if (must_wait()) {
        work_.set_blocked(true);
        if (current_.records > 0 && ledger_.open_epochs() == 0 && !is_committing())
          end_epoch();
        return ok();
      }
      PENSTOCK_ASSIGN(const bool more, read_one());
      if (current_.bytes >= runtime_.options.epoch_bytes.count) {
        end_epoch();
        wake();  // let commits and parts be handled in between
        return ok();
      }
      if (!more)
        break;
    }
    work_.set_blocked(false);
    // Nothing more to read: end the epoch now if the region is idle, else gather until the timer or a commit.
    if (current_.records > 0 && ledger_.open_epochs() == 0 && !is_committing())
      end_epoch();
    else if (!ticking_ && current_.records > 0)
      tick(runtime_.options.epoch_interval);
    else if (!ticking_ && idle_.waits())
      tick(IdleTime::kStep);
    return ok();
  }

  void on_part(std::shared_ptr<EpochPart> part) {
    const WorkClock::Work work(work_);
    idle_.on_part(*part);
    ledger_.add(std::move(part));
    commit();
  }

  Status on_committed(const CommittedMessage& message) {
    {
      const WorkClock::Work work(work_);
      const Committing committed = std::exchange(committing_, Committing::kNothing);
      work_.set_committing(false);
      PENSTOCK_TRY(message.status);
      if (committed == Committing::kEpochs)
        publish(message.appended);
      else if (committed == Committing::kAttempt && attempts_.searching())
        PENSTOCK_TRY(read_slice());
      commit();
    }
    return finish_or_pump();
  }

  Status on_tick() {
    ticking_ = false;
    if (current_.records > 0)
      end_epoch();
    return pump();
  }

  // While the store takes nothing at all the commit waits here, and the region stays as it is.
  void try_commit() {
    if (const Status closed = gate_.closed(); !closed.ok()) {
      runtime_.board.set_state(region_status_id(config_.region), "paused", closed.message());
      paused_ = true;
      self_->delayed_send(self_, std::chrono::microseconds(StoreGate::kLookAgain.micros),
                          TickMessage{StoreGate::kTick});
      return;
    }
    if (std::exchange(paused_, false))
      runtime_.board.set_state(region_status_id(config_.region), "running");
    work_.set_committing(true);
    if (const Status fault = hit(FaultPoint::kRegionCommit); !fault.ok()) {
      (void)gate_.release();
      self_->send(self_, CommittedMessage{fault, {}});
      return;
    }
    const auto me = caf::actor_cast<caf::actor>(self_);
    runtime_.store.commit(gate_.release(), [me, traces = std::exchange(traces_, nullptr)](const Committed& committed) {
      if (traces)
        traces->committed(committed);
      caf::anon_send(me, CommittedMessage{committed.status, committed.appended});
    });
  }

  Status stop() {
    stopping_ = true;
    if (current_.records > 0)
      end_epoch();
    return finish_or_pump();
  }

  void wake() {
    if (awake_)
      return;
    awake_ = true;
    self_->send(self_, WakeMessage{});
  }

 private:
  std::function<void()> waker() const {
    return [me = caf::actor_cast<caf::actor>(self_)] { caf::anon_send(me, WakeMessage{}); };
  }

  // Nothing is handed on before it is on record that it is being tried.
  Status begin_attempt() {
    PENSTOCK_ASSIGN(const bool any, logs_.any());
    if (any && !is_committing() && attempts_.may_begin(waker()))
      hand_to_store(attempts_.begin(), Committing::kAttempt);
    return ok();
  }

  // Looks for the record that makes the region fail: one slice, one epoch, one commit at a time.
  Status search() {
    if (stopping_ || is_committing() || ledger_.open_epochs() > 0 || !attempts_.may_begin(waker()))
      return ok();
    PENSTOCK_ASSIGN(LogReader * log, attempts_.choose(logs_.all()));
    if (!log) {
      runtime_.board.set_state(region_status_id(config_.region), "running");
      wake();
    } else if (attempts_.must_set_aside()) {
      WriteBatch write;
      PENSTOCK_TRY(attempts_.set_aside(*log, write));
      hand_to_store(std::move(write), Committing::kDeadLetter);
    } else {
      searched_ = log;
      hand_to_store(attempts_.begin(), Committing::kAttempt);
    }
    return ok();
  }

  Status read_slice() {
    for (uint64_t left = attempts_.records(); left > 0;) {
      PENSTOCK_ASSIGN(const BatchPtr batch, searched_->next_of(attempts_.partition(), left));
      if (!batch)
        break;
      left -= batch->rows();
      hand_on(*searched_, batch);
    }
    PENSTOCK_TRY(attempts_.look_behind(*searched_));
    end_epoch();
    return ok();
  }

  uint64_t in_flight() const { return ledger_.open_bytes() + commit_.bytes + current_.bytes; }

  bool memory_is_short() const { return runtime_.memory.exceeded() || config_.progress->overdrawn > 0; }

  // Without memory to spare an empty region still takes in one batch: so everything comes to where it can be spilled.
  bool must_wait() const {
    return in_flight() >= window_.bytes() || ledger_.open_epochs() >= runtime_.options.in_flight_epochs ||
           (memory_is_short() && in_flight() > 0);
  }

  // Workers spill at an epoch's end, so where nothing is to be read an empty epoch lets them; and again as long as it helps.
  bool may_free_memory() {
    if (!runtime_.memory.exceeded())
      relieved_at_ = ~0ULL;
    return runtime_.memory.exceeded() && runtime_.memory.used() < relieved_at_ && in_flight() == 0 &&
           ledger_.open_epochs() == 0 && !is_committing() && !stopping_;
  }

  // One batch of one log, in turn. False: all logs are read to their ends.
  Result<bool> read_one() {
    PENSTOCK_ASSIGN(const InputLogs::Read read, logs_.next());
    if (read.batch)
      hand_on(*read.log, read.batch);
    return read.batch != nullptr;
  }

  void hand_on(const LogReader& log, const BatchPtr& batch) {
    if (current_.records == 0)
      current_.begun_nanos = runtime_.clock.monotonic_nanos();
    logs_.show(log, *batch);
    if (runtime_.traces.any())
      note_followed(runtime_.traces, log.log(), *batch, current_);
    current_.bytes += batch->memory();
    current_.records += batch->rows();
    in_flight_.set(in_flight());
    runtime_.monitor.emit(monitoring::BatchReceived{work_.origin(), batch->rows(), batch->memory()});
    for (OutEdge& edge : config_.edges)
      if (edge.from_log == log.log())
        edge.send(self_, batch);
  }

  bool is_between_epochs() const {
    return !stopping_ && ledger_.open_epochs() == 0 && !is_committing() && current_.records == 0;
  }

  void end_epoch() {
    current_.epoch = epoch_ = epoch_.next();
    current_.positions = logs_.positions();
    if (logs_.hides_any())
      config_.progress->hold_time(epoch_);
    const RegionTurnPtr turn = turns_.ride(epoch_, current_.positions);
    for (OutEdge& edge : config_.edges)
      edge.end_epoch(self_, epoch_, turn);
    idle_.epoch_ended(runtime_.clock.monotonic_nanos());
    ledger_.open(std::move(current_));
    current_ = {};
    commit();  // a region without workers completes at once
  }

  // Commits all complete epochs together. One commit at a time: if it is refused, no later one may have happened.
  void commit() {
    if (is_committing())
      return;
    std::vector<OpenEpoch> epochs = ledger_.take_complete();
    if (epochs.empty())
      return;
    const std::string log = config_.inputs.size() == 1 ? config_.inputs.front().log : "";
    commit_ = epoch_commit(std::move(epochs), runtime_.plan.topology.name, config_.region, log, runtime_.clock.now());
    for (const WriteBatch::SetPosition& position : commit_.write.positions)
      runtime_.freshness.processed(position.source, config_.region, position.partition, position.offset);
    if (attempts_.searching())
      attempts_.slice_passed(*searched_, commit_.write);
    else if (commit_.records > 0)
      attempts_.succeeded(commit_.write);
    traces_ = CommitTraces::of(runtime_, work_.origin(), commit_);
    if (commit_.records > 0 || !commit_.write.appends.empty() || !commit_.write.deltas.empty())
      return hand_to_store(std::move(commit_.write), Committing::kEpochs);
    publish({});  // time went by, and nothing came of it
    wake();
  }

  enum class Committing { kNothing, kEpochs, kAttempt, kDeadLetter };
  bool is_committing() const { return committing_ != Committing::kNothing; }

  void hand_to_store(WriteBatch write, Committing what) {
    committing_ = what;
    gate_.hold(std::move(write));
    try_commit();
  }

  void publish(const std::vector<Offset>& offsets) {
    for (size_t i = 0; i < commit_.appended.size() && i < offsets.size(); ++i)
      runtime_.cache.put(commit_.appended[i].first, Partition(0), offsets[i], commit_.appended[i].second);
    const double seconds = static_cast<double>(runtime_.clock.monotonic_nanos() - commit_.begun_nanos) * 1e-9;
    runtime_.monitor.emit(monitoring::EpochCommitted{work_.origin(), commit_.last.value(), seconds, commit_.records});
    work_.pulse().waiting_bytes = static_cast<int64_t>(ledger_.open_bytes());
    work_.pulse().waiting_batches = static_cast<int64_t>(ledger_.open_epochs());
    runtime_.board.add_records(region_status_id(config_.region), commit_.records);
    config_.progress->committed = commit_.last.value();
    turns_.committed(commit_.last);
    window_.committed(memory_is_short());
    commit_ = {};
    in_flight_.set(in_flight());
  }

  Status finish_or_pump() {
    if (!stopping_)
      return pump();
    if (is_committing() || ledger_.open_epochs() > 0)
      return ok();
    if (WriteBatch write; attempts_.withdrawn(write))
      hand_to_store(std::move(write), Committing::kAttempt);
    else
      self_->quit();
    return ok();
  }

  void tick(Duration after) {
    ticking_ = true;
    self_->delayed_send(self_, std::chrono::microseconds(after.micros), TickMessage{0});
  }

  Self* self_;
  ReaderConfig config_;
  Runtime& runtime_;
  WorkClock work_;
  InputLogs logs_;
  std::vector<Store::Subscription> subscriptions_;
  Attempts attempts_;
  LogReader* searched_ = nullptr;  // whose slice is being tried
  EpochLedger ledger_;
  StoreGate gate_;
  InFlightWindow window_;
  MemoryAccount in_flight_;
  std::shared_ptr<void> no_memory_;  // the subscription
  IdleTime idle_;
  OpenTurns turns_;
  uint64_t relieved_at_ = ~0ULL;  // bytes that the node held before the last empty epoch
  OpenEpoch current_;
  Epoch epoch_;
  bool awake_ = false, ticking_ = false, stopping_ = false, paused_ = false;

  Committing committing_ = Committing::kNothing;
  EpochCommit commit_;
  std::shared_ptr<CommitTraces> traces_;  // of the commit to come; null: nothing in it is followed
};

ReaderState::ReaderState() = default;
ReaderState::~ReaderState() = default;

caf::behavior reader_actor(Self* self, ReaderConfig config) {
  fail_on_exceptions(self);
  const caf::actor supervisor = config.supervisor;
  self->state.reader = std::make_unique<Reader>(self, std::move(config));
  Reader* reader = self->state.reader.get();
  const auto check = [self](const Status& status) {
    if (!status.ok())
      fail(self, status);
  };
  check(reader->start());
  reader->wake();
  self->send(supervisor, StartedMessage{});
  return {
      [=](WakeMessage) { check(reader->pump()); },
      [=](const EpochPartMessage& message) { reader->on_part(message.part); },
      [=](const CommittedMessage& message) { check(reader->on_committed(message)); },
      [=](TickMessage tick) {
        if (tick.number == StoreGate::kTick)
          reader->try_commit();
        else
          check(reader->on_tick());
      },
      [=](StopMessage) { check(reader->stop()); },
  };
}

}  // namespace penstock
