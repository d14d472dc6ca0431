#include "actors/batch/batch_worker_actor.h"

#include <chrono>
#include <exception>

#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
#include "messages/actor_protocol.h"
#include "models/workers.h"

namespace penstock {
namespace {

constexpr std::chrono::milliseconds kPauseAfterFailure(200);
constexpr std::chrono::seconds kLookAgain(5);  // whether another worker hangs, whose task can be taken
constexpr uint64_t kLook = 1;                  // number of that tick

struct BatchWorkerState {
  static inline const char* name = "batch worker";
  std::optional<BatchRuns::Ticket> ticket;
  int64_t begun = 0;        // when the ticket was taken, in monotonic ns
  bool last = false;        // the commit under way is the task's last
  bool committing = false;  // nothing else until it is answered
  std::unique_ptr<WorkClock> work;
};
using Self = caf::stateful_actor<BatchWorkerState>;

Result<BatchTask::Step> step(BatchTask& task) {
  try {
    return task.step();
  } catch (const std::exception& error) {
    return internal_error(error.what());
  }
}

void tell(const Runtime& runtime, const BatchRuns::Ticket& ticket, const Status& status, int64_t begun) {
  const double seconds = static_cast<double>(runtime.clock.monotonic_nanos() - begun) * 1e-9;
  if (ticket.run.empty())
    return runtime.monitor.emit(
        monitoring::BatchTaskDone{{"batch", "service", "batch"}, "erase", status.ok(), seconds});
  const std::string& view = ticket.context->plan.view;
  runtime.monitor.emit(monitoring::BatchTaskDone{{view, "aggregator", runtime.plan.topology.find(view)->component.type},
                                                 ticket.work.kind == BatchRun::Work::Kind::kMap ? "map" : "reduce",
                                                 status.ok(),
                                                 seconds});
}

void end_task(Self* self, const Runtime* runtime, BatchRuns* runs, uint32_t worker, const Status& status) {
  const BatchRuns::Ticket ticket = *std::exchange(self->state.ticket, std::nullopt);
  tell(*runtime, ticket, status, self->state.begun);
  if (status.ok()) {
    runs->finished(worker, ticket);
    self->send(self, WakeMessage{});
  } else {
    runs->failed(worker, ticket, status);
    self->delayed_send(self, kPauseAfterFailure, WakeMessage{});
  }
}

void go_on(Self* self, Runtime* runtime, BatchRuns* runs, uint32_t worker) {
  auto& state = self->state;
  if (state.committing)
    return;
  const WorkClock::Work work(*state.work);
  if (state.ticket && !runs->holds(worker, *state.ticket))
    state.ticket.reset();
  if (!state.ticket) {
    state.ticket = runs->take(worker);
    state.begun = runtime->clock.monotonic_nanos();
  }
  if (!state.ticket)
    return;
  Result<BatchTask::Step> done = step(*state.ticket->task);
  if (!done.ok())
    return end_task(self, runtime, runs, worker, done.status());
  if (!done->write) {
    if (done->finished)
      return end_task(self, runtime, runs, worker, ok());
    self->send(self, TickMessage{0});
    return;
  }
  state.last = done->finished;
  state.committing = true;
  state.work->set_committing(true);
  runtime->store.commit(std::move(*done->write), [me = caf::actor_cast<caf::actor>(self)](const Committed& committed) {
    caf::anon_send(me, CommittedMessage{committed.status, {}});
  });
}

caf::behavior batch_worker_actor(Self* self, Runtime* runtime, BatchRuns* runs, uint32_t worker,
                                 const caf::actor& supervisor) {
  fail_on_exceptions(self);
  if (runtime->options.detached)
    lower_thread_priority();
  const std::string id = "batch/" + std::to_string(worker);
  self->state.work =
      std::make_unique<WorkClock>(runtime->clock, runtime->pulses.add(id, "worker", {id, "service", "batch"}));
  runs->attend(worker, [me = caf::actor_cast<caf::actor_addr>(self)] {
    if (const auto there = caf::actor_cast<caf::actor>(me))
      caf::anon_send(there, WakeMessage{});
  });
  self->send(supervisor, StartedMessage{});
  self->delayed_send(self, kLookAgain, TickMessage{kLook});
  return {
      [=](WakeMessage) {
        if (!self->state.ticket)
          go_on(self, runtime, runs, worker);
      },
      [=](TickMessage tick) {
        if (tick.number == kLook)
          self->delayed_send(self, kLookAgain, tick);
        if (tick.number != kLook || !self->state.ticket)
          go_on(self, runtime, runs, worker);
      },
      [=](const CommittedMessage& committed) {
        self->state.committing = false;
        self->state.work->set_committing(false);
        if (!self->state.ticket)
          return;
        if (!committed.status.ok() || self->state.last)
          return end_task(self, runtime, runs, worker, committed.status);
        self->send(self, TickMessage{0});
      },
      [=](StopMessage) { self->quit(); },
  };
}

}  // namespace

Supervised supervised_batch_worker(Runtime* runtime, BatchRuns* runs, uint32_t worker) {
  const std::string id = "batch/" + std::to_string(worker);
  Supervised supervised;
  supervised.origin = {id, "service", "batch"};
  supervised.components = {id};
  supervised.workers = {"worker"};
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure&) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)
      return std::vector<caf::actor>{supervisor->spawn<caf::detached>(batch_worker_actor, runtime, runs, worker, me)};
    return std::vector<caf::actor>{supervisor->spawn(batch_worker_actor, runtime, runs, worker, me)};
  };
  return supervised;
}

}  // namespace penstock
