#include "actors/trainers/trainer_actor.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <optional>
#include <thread>

#include "actors/supervision/failure.h"
#include "actors/supervision/node_supervisor_actor.h"
#include "actors/trainers/training.h"
#include "actors/trainers/training_attempts.h"
#include "core/random.h"
#include "messages/actor_protocol.h"
#include "models/workers.h"

namespace penstock {
namespace {

using Self = caf::stateful_actor<TrainerState>;

constexpr std::chrono::milliseconds kLookForHistory(100);
constexpr std::chrono::milliseconds kFoldInItems(1000);
constexpr Duration kPauseAfterFailure{60'000'000};

// Ten times a second: small iterations would keep those who read the status and the metrics waiting.
class ReportedProgress final : public TrainingProgress {
 public:
  ReportedProgress(ModelServer& server, const Clock& clock) : server_(server), clock_(clock) {}
  void step(size_t done, size_t total, const std::string& note) override {
    const int64_t now = clock_.monotonic_nanos();
    if (now < next_nanos_)
      return;
    next_nanos_ = now + kTellEvery;
    server_.note_progress(total == 0 ? -1 : static_cast<double>(done) / static_cast<double>(total), note);
  }
  bool cancelled() const override { return server_.cancelled(); }

 private:
  static constexpr int64_t kTellEvery = 100'000'000;
  ModelServer& server_;
  const Clock& clock_;
  int64_t next_nanos_ = INT64_MIN;
};

// A training that runs out of memory, or hits a bug, is a failed training and nothing more.
Result<ModelVersion> try_to_train(Runtime& runtime, ModelServer& server, TrainingProgress& progress) {
  try {
    return train_model(runtime, server, progress);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("the training ran out of memory");
  } catch (const std::exception& error) {
    return internal_error(error.what());
  } catch (...) {
    return internal_error("unknown exception");
  }
}

// On a thread that the system prefers all others to, and with it those that it starts.
Result<ModelVersion> train_in_background(Runtime& runtime, ModelServer& server, TrainingProgress& progress) {
  if (!runtime.options.detached)
    return try_to_train(runtime, server, progress);
  Result<ModelVersion> trained = internal_error("the training did not begin");
  std::thread([&] {
    lower_thread_priority();
    trained = try_to_train(runtime, server, progress);
  }).join();
  return trained;
}

bool may_pass(const Status& status) {
  return status.code() == Code::kUnavailable || status.code() == Code::kResourceExhausted;
}

}  // namespace

class Trainer {
 public:
  Trainer(Runtime* runtime, ModelServer* server)
      : runtime_(*runtime),
        server_(*server),
        origin_{server->id(), "trainer", server->component().type},
        attempts_(runtime->store, server->id()),
        history_(runtime->options.restart) {}

  Status start(const LastFailure& last_failure) {
    if (server_.training() && !server_.requested()) {  // the trainer before this one died of it
      (void)attempts_.end();
      end(internal_error("the trainer crashed: " + last_failure.reason));
      return ok();
    }
    PENSTOCK_ASSIGN(crashed_, attempts_.crashed());
    if (crashed_ >= kCrashesInARow && !server_.training())
      end(failed_precondition("training crashed the process twice; start it with POST /v1/models/" + server_.id() +
                              "/train once the cause is mended"));
    return ok();
  }

  // Gives how long to wait until the next look.
  std::chrono::milliseconds on_tick() {
    on_request();
    if (server_.serves()) {
      server_.fold_in_new_items();
      if (is_due_again() && server_.begin_training())
        train(crashed_);
    } else if (is_due() && history_is_read(runtime_) && server_.begin_training()) {
      train(crashed_);
    }
    return server_.serves() ? kFoldInItems : kLookForHistory;
  }

  // Whoever asks has mended the cause of crashes before, if there were any.
  void on_request() {
    if (server_.take_request())
      train(0);
  }

 private:
  bool is_due() {
    if (!retry_at_)
      return awaits_first_training(runtime_, server_);
    if (runtime_.clock.monotonic_nanos() < *retry_at_)
      return false;
    retry_at_.reset();
    return true;
  }

  // A training that was not stored does not count as one: the next begins as if it had been, so that one that fails again and
  // again is not begun again and again.
  bool is_due_again() {
    const int64_t now = runtime_.clock.now().micros;
    if (crashed_ >= kCrashesInARow || (failed_at_ && now - failed_at_->micros < pause_after_failure()))
      return false;
    return awaits_training_anew(runtime_, server_);
  }

  int64_t pause_after_failure() const {
    return std::max(life_cycle_of(server_.component()).train_every, kPauseAfterFailure).micros;
  }

  void train(uint32_t crashed_before) {
    (void)server_.take_request();
    const bool by_itself = !server_.serves();
    if (const Status begun = attempts_.begin(crashed_before); !begun.ok())
      return end(begun.with_context("the training was not begun"));
    ReportedProgress progress(server_, runtime_.clock);
    const auto trained = train_in_background(runtime_, server_, progress);
    crashed_ = 0;
    failed_at_.reset();
    if (const Status ended = attempts_.end(); !ended.ok())
      runtime_.monitor.emit(monitoring::ComponentError{origin_, "commit", ended.message()});
    if (!trained.ok()) {
      failed_at_ = runtime_.clock.now();
      end(trained.status());
      if (by_itself && may_pass(trained.status()))
        plan_retry();
      return;
    }
    runtime_.monitor.emit(monitoring::ModelTrained{origin_, trained->version, trained->seconds});
    for (const auto& [metric, value] : trained->metrics)
      runtime_.monitor.emit(monitoring::ModelMetric{origin_, trained->version, metric, value});
    server_.end_training(ok(), trained->state == ModelState::kRejected
                                   ? "version " + std::to_string(trained->version) + " was rejected: " + trained->reason
                                   : "");
  }

  void end(const Status& failure) {
    if (failure.code() != Code::kCancelled)
      runtime_.monitor.emit(monitoring::ModelTrainingFailed{origin_, failure.message()});
    server_.end_training(failure);
  }

  void plan_retry() {
    const int64_t now = runtime_.clock.monotonic_nanos();
    const uint64_t spread = splitmix64(runtime_.options.seed + history_.total());
    const RestartDecision decision = history_.on_failure(now, static_cast<double>(spread >> 11) * 0x1.0p-53);
    retry_at_ = now + decision.pause.micros * 1000;
  }

  Runtime& runtime_;
  ModelServer& server_;
  const monitoring::Origin origin_;
  TrainingAttempts attempts_;
  RestartHistory history_;  // of first trainings that failed of something that may pass
  uint32_t crashed_ = 0;    // trainings in a row that took the process with them
  std::optional<int64_t> retry_at_;
  std::optional<Timestamp> failed_at_;  // the last training, if it failed
};

TrainerState::TrainerState() = default;
TrainerState::~TrainerState() = default;

namespace {

caf::behavior trainer_actor(Self* self, Runtime* runtime, ModelServer* server, const caf::actor& supervisor,
                            const LastFailure& last_failure) {
  fail_on_exceptions(self);
  self->state.trainer = std::make_unique<Trainer>(runtime, server);
  Trainer* trainer = self->state.trainer.get();
  if (const Status started = trainer->start(last_failure); !started.ok())
    fail(self, started);
  self->send(supervisor, StartedMessage{});
  self->delayed_send(self, kLookForHistory, TickMessage{0});
  return {
      [=](const TrainMessage&) { trainer->on_request(); },
      [=](TickMessage tick) { self->delayed_send(self, trainer->on_tick(), tick); },
      [=](StopMessage) { self->quit(); },
  };
}

}  // namespace

Supervised supervised_trainer(Runtime* runtime, ModelServer* server) {
  const std::string id = trainer_status_id(server->id());
  runtime->board.add(id, "trainer", server->component().type);
  Supervised supervised;
  supervised.origin = {server->id(), "trainer", server->component().type};
  supervised.components = {id};
  supervised.workers = {"trainer"};
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure& last_failure) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)
      return std::vector<caf::actor>{
          supervisor->spawn<caf::detached>(trainer_actor, runtime, server, me, last_failure)};
    return std::vector<caf::actor>{supervisor->spawn(trainer_actor, runtime, server, me, last_failure)};
  };
  return supervised;
}

}  // namespace penstock
