#include "actors/supervision/supervisor_actor.h"

#include <chrono>

#include "actors/supervision/failure.h"
#include "core/random.h"

namespace penstock {
namespace {

using Self = caf::stateful_actor<SupervisorState>;

struct Shared {
  Runtime* runtime;
  Supervised supervised;
};
using SharedPtr = std::shared_ptr<Shared>;

void note_state(const SharedPtr& shared, const std::string& state, const std::string& reason = {}) {
  for (const std::string& id : shared->supervised.components)
    shared->runtime->board.set_state(id, state, reason);
  shared->runtime->monitor.emit(monitoring::ComponentState{shared->supervised.origin, state, reason});
}

void start_group(Self* self, const SharedPtr& shared) {
  auto& state = self->state;
  ++state.generation;
  state.failed = false;
  state.started = 0;
  state.group = shared->supervised.start(self, state.reason);
  state.alive = state.group.size();
  for (const caf::actor& child : state.group)
    self->monitor(child);
}

// Everything the failed group had asked the store for must be settled before a new group reads its positions: commits are
// made in the order of the calls, so an empty one that comes back has all of them behind it.
void restart_after(Self* self, const SharedPtr& shared, Duration pause) {
  const uint64_t generation = self->state.generation;
  const auto me = caf::actor_cast<caf::actor>(self);
  shared->runtime->store.commit(
      {}, [me, pause, generation](const Committed&) { caf::anon_send(me, StartMessage{generation}, pause.micros); });
}

void on_failure(Self* self, const SharedPtr& shared) {
  auto& state = self->state;
  const uint64_t spread = splitmix64(shared->runtime->options.seed + state.history->total());
  const RestartDecision decision = state.history->on_failure(shared->runtime->clock.monotonic_nanos(),
                                                             static_cast<double>(spread >> 11) * 0x1.0p-53);
  for (const std::string& id : shared->supervised.components)
    shared->runtime->board.add_restart(id);
  shared->runtime->monitor.emit(
      monitoring::ComponentRestarted{shared->supervised.origin, state.reason, decision.pause.seconds()});
  note_state(shared, decision.failing ? "failing" : "restarting", state.reason);
  restart_after(self, shared, decision.pause);
}

void on_down(Self* self, const SharedPtr& shared, const caf::down_msg& down) {
  auto& state = self->state;
  const bool ours = std::any_of(state.group.begin(), state.group.end(),
                                [&](const caf::actor& child) { return child.address() == down.source; });
  if (!ours)
    return;
  --state.alive;
  const bool first = state.group.front().address() == down.source;
  const bool killed = down.reason == caf::exit_reason::kill || down.reason == caf::exit_reason::user_shutdown;
  if (down.reason && !killed && !state.failed) {
    state.failed = true;
    state.reason = failure_text(self->system(), down.reason);
  }
  if (state.failed || first || state.stopping)
    for (const caf::actor& child : state.group)
      if (child.address() != down.source)
        self->send_exit(child, caf::exit_reason::kill);
  if (state.alive > 0)
    return;
  state.group.clear();
  if (state.stopping) {
    note_state(shared, "stopped");
    self->quit();
  } else if (state.failed) {
    on_failure(self, shared);
  } else {
    note_state(shared, "finished");
  }
}

}  // namespace

caf::behavior supervisor_actor(Self* self, Runtime* runtime, Supervised supervised) {
  auto shared = std::make_shared<Shared>(Shared{runtime, std::move(supervised)});
  self->state.history.emplace(runtime->options.restart);
  self->set_down_handler([self, shared](const caf::down_msg& down) { on_down(self, shared, down); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    for (const caf::actor& child : self->state.group)
      self->send_exit(child, caf::exit_reason::kill);
    self->quit(exit.reason);
  });
  start_group(self, shared);
  return {
      [self, shared](StartedMessage) {
        if (++self->state.started < self->state.group.size() || self->state.failed)
          return;
        for (const std::string& id : shared->supervised.components)
          shared->runtime->board.set_running(id);
        shared->runtime->monitor.emit(monitoring::ComponentState{shared->supervised.origin, "running", ""});
      },
      [self, shared](StartMessage message, int64_t pause_micros) {
        if (message.generation != self->state.generation || self->state.stopping)
          return;
        if (pause_micros > 0)
          self->delayed_send(self, std::chrono::microseconds(pause_micros), message, int64_t{0});
        else
          start_group(self, shared);
      },
      [self, shared](StopMessage stop) {
        auto& state = self->state;
        state.stopping = true;
        if (!state.group.empty()) {
          self->send(state.group.front(), stop);
          return;
        }
        note_state(shared, "stopped");
        self->quit();
      },
  };
}

}  // namespace penstock
