#include "actors/sources/source_actor.h"

#include <chrono>

#include "actors/components.h"
#include "actors/make_context.h"
#include "actors/regions/dead_letters.h"
#include "actors/sources/ingest_traces.h"
#include "actors/sources/intake.h"
#include "actors/sources/log_appender.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
#include "core/backoff.h"
#include "core/fault_points.h"
#include "core/random.h"
#include "messages/batch_codec.h"

namespace penstock {

using Self = caf::stateful_actor<SourceActorState>;

namespace {

constexpr size_t kLiveRows = 512;  // a read that brings less, and less than this part of what was asked for, has
constexpr uint64_t kLivePart = 4;  // caught up with the outside
constexpr auto kRetryPause = std::chrono::milliseconds(500);
constexpr int64_t kReportEvery = 1'000'000'000;  // ns

}  // namespace

class SourceWorker {
 public:
  SourceWorker(Self* self, Runtime* runtime, std::string id)
      : self_(self),
        runtime_(*runtime),
        id_(std::move(id)),
        work_(runtime_.clock,
              runtime_.pulses.add(id_, "reader", {id_, "source", runtime->plan.topology.find(id_)->component.type})),
        appender_(source_appender(runtime->plan, id_)),
        intake_(*runtime, id_) {}

  Status start() {
    const topology::Component& component = runtime_.plan.topology.find(id_)->component;
    const auto& make = std::get<MakeSource>(component_entry(component.role, component.type).make);
    PENSTOCK_ASSIGN(source_, make(make_context(runtime_.plan.topology, id_, runtime_.clock, runtime_.store_id)));
    if (runtime_.traces.requests())
      source_->follow_requests();
    if (Status opened = open(); !opened.ok()) {
      if (opened.code() != Code::kUnavailable)
        return opened;
      return back_off(opened);
    }
    wake();
    return ok();
  }

  Status on_wake() {
    woken_ = false;
    return read();
  }

  // Reads ahead by one batch while a commit is under way.
  Status read() {
    const WorkClock::Work work(work_);
    if (next_ || stopping_ || finished_)
      return ok();
    if (Status room = intake_.check(); room.code() == Code::kResourceExhausted)
      return pause(room);
    else if (!room.ok())
      return room;
    PENSTOCK_TRY(hit(FaultPoint::kSourceRead));
    auto outside = open_and_read();
    if (outside.status().code() == Code::kUnavailable)
      return back_off(outside.status());
    PENSTOCK_TRY(outside.status());
    failures_ = 0;
    SourceRead& read = *outside;
    finished_ = read.finished;
    report();
    const size_t rows = read.batch ? read.batch->rows() : 0;
    if (rows == 0 && read.rejected.empty() && read.position.empty()) {
      if (!finished_)
        wait();
      return finish();
    }
    if (rows > 0) {
      const bool caught_up = rows < kLiveRows && read.bytes < runtime_.options.source_read_bytes.count / kLivePart;
      set_state(caught_up ? "live" : "running");
      runtime_.monitor.emit(monitoring::BatchReceived{work_.origin(), rows, read.bytes});
    }
    if (!read.rejected.empty())
      runtime_.monitor.emit(monitoring::RecordsRejected{work_.origin(), read.rejected.size(), "decode"});
    next_ = std::move(read);
    if (!committing_)
      commit_next();
    else
      work_.set_blocked(true);
    return ok();
  }

  Status on_committed(const CommittedMessage& message) {
    const WorkClock::Work work(work_);
    work_.set_committing(false);
    if (!message.status.ok()) {
      const bool full = message.status.code() == Code::kResourceExhausted;
      set_state(full ? "paused" : "failing", message.status.message());
      runtime_.monitor.emit(monitoring::ComponentError{work_.origin(), "commit", message.status.message()});
      self_->delayed_send(self_, kRetryPause, TickMessage{0});
      return ok();
    }
    appender_.publish(parts_, message.appended, runtime_.cache);
    uint64_t records = 0;
    for (const LogAppender::Part& part : parts_) {
      records += part.batch->rows();
      if (runtime_.taps.any())
        runtime_.taps.show(id_, part.batch);
    }
    runtime_.board.add_records(id_, records);
    runtime_.monitor.emit(monitoring::BatchSent{work_.origin(), records, 0});
    committing_.reset();
    work_.set_blocked(false);
    if (next_)
      commit_next();
    return finish();
  }

  // The pause after a refused commit is over.
  void retry() {
    source_->keep_alive();
    if (committing_)
      commit();
  }

  Status stop() {
    stopping_ = true;
    return finish();
  }

 private:
  Status open() {
    PENSTOCK_ASSIGN(const auto position, runtime_.store.get(kSourcePositions, id_));
    PENSTOCK_TRY(source_->open(position.value_or("")));
    open_ = true;
    return ok();
  }

  Result<SourceRead> open_and_read() {
    if (!open_)
      PENSTOCK_TRY(open());
    return source_->read(runtime_.options.source_read_bytes.count);
  }

  void commit_next() {
    committing_ = std::move(next_);
    next_.reset();
    commit();
    if (!finished_)
      wake();
  }

  void commit() {
    WriteBatch write;
    const Timestamp now = runtime_.clock.now();
    const BatchPtr rows = committing_->traced.empty() ? committing_->batch : IngestTraces::numbered(committing_->batch);
    parts_ = rows ? appender_.append(rows, now, write) : std::vector<LogAppender::Part>{};
    const auto traces = IngestTraces::of_read(runtime_, work_.origin(), committing_->traced, parts_, now, write);
    if (!committing_->rejected.empty()) {
      std::vector<std::pair<std::string, Rejected>> rejected;
      for (const Rejected& letter : committing_->rejected)
        rejected.emplace_back(id_, letter);
      const BatchPtr letters = dead_letter_batch(runtime_.plan.topology.name, "", rejected, now);
      write.append(kDeadLettersLog, Partition(0), encode_batch(*letters), static_cast<uint32_t>(letters->rows()), now);
    }
    if (!committing_->position.empty())
      write.put(kSourcePositions, id_, committing_->position);
    const auto me = caf::actor_cast<caf::actor>(self_);
    work_.set_committing(true);
    runtime_.store.commit(std::move(write), [me, traces](const Committed& committed) {
      if (traces)
        traces->committed(committed);
      caf::anon_send(me, CommittedMessage{committed.status, committed.appended});
    });
  }

  // There is nothing outside at the moment: looks again after a while.
  void wait() {
    if (!committing_ && !next_)
      set_state("live");
    if (woken_)
      return;
    woken_ = true;
    self_->delayed_send(self_, std::chrono::microseconds(runtime_.options.poll_interval.micros), WakeMessage{});
  }

  // There is no room for more: looks again after a while, and reads on where it stopped.
  Status pause(const Status& why) {
    set_state("paused", why.message());
    source_->keep_alive();
    report();
    if (!std::exchange(woken_, true))
      self_->delayed_send(self_, kRetryPause, WakeMessage{});
    return ok();
  }

  // The outside cannot be reached: tries again after a while, longer each time.
  Status back_off(const Status& why) {
    report();
    set_state("retrying", why.message());
    runtime_.monitor.emit(monitoring::ComponentError{work_.origin(), "unavailable", why.message()});
    const uint64_t spread = splitmix64(runtime_.options.seed + ++failures_);
    const Duration pause = Backoff{}.pause(failures_, static_cast<double>(spread >> 11) * 0x1.0p-53);
    if (!std::exchange(woken_, true))
      self_->delayed_send(self_, std::chrono::microseconds(pause.micros), WakeMessage{});
    return ok();
  }

  void wake() {
    if (woken_)
      return;
    woken_ = true;
    self_->send(self_, WakeMessage{});
  }

  // Quits once there is nothing left to do.
  Status finish() {
    if (committing_)
      return ok();
    if (finished_ && !next_)
      set_state("finished");
    if (stopping_ || (finished_ && !next_))
      self_->quit();
    return ok();
  }

  void report() {
    if (const int64_t now = runtime_.clock.monotonic_nanos(); now - reported_ >= kReportEvery) {
      reported_ = now;
      source_->report(runtime_.monitor, work_.origin());
    }
    const SourceProgress progress = source_->progress();
    if (progress.total > 0)
      runtime_.board.set_progress(id_, static_cast<double>(progress.done) / static_cast<double>(progress.total));
  }

  void set_state(const std::string& state, const std::string& message = {}) {
    if (state == state_ && message == message_)
      return;
    const bool changed = state != state_;
    state_ = state;
    message_ = message;
    runtime_.board.set_state(id_, state, message);
    if (changed && (state == "live" || state == "paused" || state == "retrying" ||
                    state == "failing"))  // the rest the supervisor tells
      runtime_.monitor.emit(monitoring::ComponentState{work_.origin(), state, message});
  }

  Self* self_;
  Runtime& runtime_;
  std::string id_;
  WorkClock work_;
  LogAppender appender_;
  Intake intake_;
  SourcePtr source_;
  std::string state_, message_;
  std::optional<SourceRead> next_;        // read, not yet handed to the store
  std::optional<SourceRead> committing_;  // handed to the store, not yet answered
  std::vector<LogAppender::Part> parts_;
  uint64_t failures_ = 0;  // to reach the outside, in a row
  int64_t reported_ = 0;   // monotonic ns
  bool open_ = false, finished_ = false, stopping_ = false, woken_ = false;
};

SourceActorState::SourceActorState() = default;
SourceActorState::~SourceActorState() = default;

namespace {

caf::behavior source_actor(Self* self, Runtime* runtime, std::string id, const caf::actor& supervisor) {
  fail_on_exceptions(self);
  self->state.worker = std::make_unique<SourceWorker>(self, runtime, std::move(id));
  SourceWorker* worker = self->state.worker.get();
  const auto check = [self](const Status& status) {
    if (!status.ok())
      fail(self, status);
  };
  check(worker->start());
  self->send(supervisor, StartedMessage{});
  return {
      [=](WakeMessage) { check(worker->on_wake()); },
      [=](const CommittedMessage& message) { check(worker->on_committed(message)); },
      [=](TickMessage) { worker->retry(); },
      [=](StopMessage) { check(worker->stop()); },
  };
}

}  // namespace

bool reads_by_itself(const topology::Plan& plan, const std::string& source) {
  const topology::Component& component = plan.topology.find(source)->component;
  return std::holds_alternative<MakeSource>(component_entry(component.role, component.type).make);
}

Supervised supervised_source(Runtime* runtime, const std::string& id) {
  Supervised supervised;
  supervised.origin = {id, "source", runtime->plan.topology.find(id)->component.type};
  supervised.components = {id};
  supervised.workers = {"reader"};
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure&) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)
      return std::vector<caf::actor>{supervisor->spawn<caf::detached>(source_actor, runtime, id, me)};
    return std::vector<caf::actor>{supervisor->spawn(source_actor, runtime, id, me)};
  };
  return supervised;
}

}  // namespace penstock
