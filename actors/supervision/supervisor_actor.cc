#include "actors/supervision/supervisor_actor.h"

#include <chrono>
#include <exception>

#include "actors/supervision/failure.h"
#include "core/random.h"

namespace penstock {
namespace {

using Self = caf::stateful_actor<SupervisorState>;

struct Shared {
  Runtime* runtime;
  Supervised supervised;

  std::vector<caf::actor>& group() const { return *supervised.group; }
};
using SharedPtr = std::shared_ptr<Shared>;

void note_state(const SharedPtr& shared, const std::string& state, const std::string& reason = {}) {
  for (const std::string& id : shared->supervised.components)
    shared->runtime->board.set_state(id, state, reason);
  shared->runtime->tree.set_state(shared->supervised.id(), state, shared->runtime->clock.now());
  shared->runtime->monitor.emit(monitoring::ComponentState{shared->supervised.origin, state, reason});
}

void watch(Self* self, const SharedPtr& shared) {
  self->state.alive = shared->group().size();
  for (const caf::actor& child : shared->group())
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
  Runtime& runtime = *shared->runtime;
  const std::string& reason = state.last_failure.reason;
  const uint64_t spread = splitmix64(runtime.options.seed + state.history->total());
  RestartDecision decision;  // at once, if it failed of a record that it is about to find
  if (!state.searching)
    decision =
        state.history->on_failure(runtime.clock.monotonic_nanos(), static_cast<double>(spread >> 11) * 0x1.0p-53);
  for (const std::string& id : shared->supervised.components)
    runtime.board.add_restart(id);
  const std::string& part = shared->supervised.id();
  runtime.tree.add_restart(part, reason);
  if (decision.pause.micros > 0)
    runtime.tree.set_next_try(part, Timestamp{runtime.clock.now().micros + decision.pause.micros});
  runtime.monitor.emit(monitoring::ComponentRestarted{shared->supervised.origin, reason, decision.pause.seconds()});
  note_state(shared, decision.failing ? "failing" : "restarting", reason);
  restart_after(self, shared, decision.pause);
}

void start_group(Self* self, const SharedPtr& shared) {
  auto& state = self->state;
  ++state.generation;
  state.failed = false;
  state.searching = false;
  state.started = 0;
  shared->runtime->tree.set_next_try(shared->supervised.id(), std::nullopt);
  shared->runtime->tree.set_workers(shared->supervised.id(), "starting", shared->runtime->clock.now());
  try {
    shared->group() = shared->supervised.start(self, state.last_failure);
  } catch (const std::exception& error) {  // no memory, no thread
    state.last_failure = {std::string("cannot start: ") + error.what(), ""};
    return on_failure(self, shared);
  }
  watch(self, shared);
}

// A supervisor before this one has died: what it left is ended as if it had failed.
void end_leftovers(Self* self, const SharedPtr& shared) {
  self->state.failed = true;
  self->state.last_failure = {"its supervisor died", ""};
  watch(self, shared);
  for (const caf::actor& child : shared->group())
    self->send_exit(child, caf::exit_reason::kill);
}

std::optional<size_t> index_of(const SharedPtr& shared, const caf::actor_addr& address) {
  const std::vector<caf::actor>& group = shared->group();
  for (size_t i = 0; i < group.size(); ++i)
    if (group[i].address() == address)
      return i;
  return std::nullopt;
}

void on_down(Self* self, const SharedPtr& shared, const caf::down_msg& down) {
  auto& state = self->state;
  const std::optional<size_t> index = index_of(shared, down.source);
  if (!index)
    return;
  --state.alive;
  const bool first = *index == 0;
  const bool killed = down.reason == caf::exit_reason::kill || down.reason == caf::exit_reason::user_shutdown;
  if (down.reason && !killed && !state.failed) {
    state.failed = true;
    state.last_failure = {failure_text(self->system(), down.reason), failure_component(down.reason)};
  }
  shared->runtime->tree.set_worker(shared->supervised.id(), *index, state.failed ? "failed" : "stopped",
                                   shared->runtime->clock.now());
  if (state.failed || first || state.stopping)
    for (const caf::actor& child : shared->group())
      if (child.address() != down.source)
        self->send_exit(child, caf::exit_reason::kill);
  if (state.alive > 0)
    return;
  shared->group().clear();
  if (state.stopping) {
    note_state(shared, "stopped");
    self->quit();
  } else if (state.failed) {
    on_failure(self, shared);
  } else {
    note_state(shared, "finished");
  }
}

void on_started(Self* self, const SharedPtr& shared) {
  Runtime& runtime = *shared->runtime;
  const std::string& part = shared->supervised.id();
  if (const auto index = index_of(shared, caf::actor_cast<caf::actor_addr>(self->current_sender())))
    runtime.tree.set_worker(part, *index, "running", runtime.clock.now());
  if (++self->state.started < shared->group().size() || self->state.failed)
    return;
  for (const std::string& id : shared->supervised.components)
    runtime.board.set_running(id);
  runtime.tree.set_state(part, "running", runtime.clock.now());
  runtime.monitor.emit(monitoring::ComponentState{shared->supervised.origin, "running", ""});
}

}  // namespace

caf::behavior supervisor_actor(Self* self, Runtime* runtime, Supervised supervised) {
  fail_on_exceptions(self);
  auto shared = std::make_shared<Shared>(Shared{runtime, std::move(supervised)});
  self->state.history.emplace(runtime->options.restart);
  self->set_down_handler([self, shared](const caf::down_msg& down) { on_down(self, shared, down); });
  self->set_exit_handler([self, shared](const caf::exit_msg& exit) {
    for (const caf::actor& child : shared->group())
      self->send_exit(child, caf::exit_reason::kill);
    self->quit(exit.reason);
  });
  if (!shared->supervised.replaces)
    start_group(self, shared);
  else if (shared->group().empty())  // it died between two groups; the first one's commits may be under way
    restart_after(self, shared, Duration{0});
  else
    end_leftovers(self, shared);
  return {
      [self, shared](StartedMessage) { on_started(self, shared); },
      [self](SearchingMessage) { self->state.searching = true; },
      [self, shared](StartMessage message, int64_t pause_micros) {
        if (message.generation != self->state.generation || self->state.stopping)
          return;
        if (pause_micros > 0)
          self->delayed_send(self, std::chrono::microseconds(pause_micros), message, int64_t{0});
        else
          start_group(self, shared);
      },
      [self, shared](const TrainMessage& train) {
        if (!shared->group().empty())
          self->send(shared->group().front(), train);
      },
      [self, shared](StopMessage stop) {
        self->state.stopping = true;
        if (!shared->group().empty()) {
          self->send(shared->group().front(), stop);
          return;
        }
        note_state(shared, "stopped");
        self->quit();
      },
  };
}

}  // namespace penstock
