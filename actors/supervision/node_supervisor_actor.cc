#include "actors/supervision/node_supervisor_actor.h"

#include <algorithm>

#include "actors/supervision/failure.h"
#include "core/random.h"

namespace penstock {
namespace {

using Self = caf::stateful_actor<NodeSupervisorState>;
using Part = NodeSupervisorState::Part;

void start(Self* self, Runtime* runtime, Part& part) {
  part.supervisor = self->spawn(supervisor_actor, runtime, part.supervised);
  part.alive = true;
  self->monitor(part.supervisor);
}

// Stops the first kind of parts of which any are left; the node is done when none are.
void stop_next(Self* self, Runtime* runtime) {
  auto& parts = self->state.parts;
  const auto next = std::find_if(parts.begin(), parts.end(), [](const Part& part) { return part.alive; });
  if (next == parts.end()) {
    runtime->tree.set_state(kNodePart, "stopped", runtime->clock.now());
    self->quit();
    return;
  }
  for (const Part& part : parts)
    if (part.alive && part.supervised.origin.kind == next->supervised.origin.kind)
      self->send(part.supervisor, StopMessage{});
}

void on_supervisor_died(Self* self, Runtime* runtime, Part& part, const std::string& reason) {
  auto& history = *self->state.history;
  const std::string told = "the supervisor of " + part.supervised.id() + " died: " + reason;
  runtime->monitor.emit(monitoring::ComponentError{part.supervised.origin, "supervisor", told});
  runtime->tree.add_restart(kNodePart, told);
  const uint64_t spread = splitmix64(runtime->options.seed + history.total());
  if (history.on_failure(runtime->clock.monotonic_nanos(), static_cast<double>(spread >> 11) * 0x1.0p-53).failing)
    runtime->options.give_up("supervisors die again and again; " + told);
  part.supervised.replaces = true;
  start(self, runtime, part);
}

void on_down(Self* self, Runtime* runtime, const caf::down_msg& down) {
  auto& parts = self->state.parts;
  const auto part = std::find_if(parts.begin(), parts.end(), [&](const Part& candidate) {
    return candidate.supervisor && candidate.supervisor.address() == down.source;
  });
  if (part == parts.end())
    return;
  part->alive = false;
  if (!self->state.stopping)
    return on_supervisor_died(self, runtime, *part, failure_text(self->system(), down.reason));
  const bool kind_is_done = std::none_of(parts.begin(), parts.end(), [&](const Part& other) {
    return other.alive && other.supervised.origin.kind == part->supervised.origin.kind;
  });
  if (kind_is_done)
    stop_next(self, runtime);
}

}  // namespace

caf::behavior node_supervisor_actor(Self* self, Runtime* runtime, std::vector<Supervised> parts) {
  fail_on_exceptions(self);
  self->state.history.emplace(runtime->options.restart);
  self->set_down_handler([=](const caf::down_msg& down) { on_down(self, runtime, down); });
  self->set_exit_handler([=](const caf::exit_msg& exit) {
    for (const Part& part : self->state.parts)
      self->send_exit(part.supervisor, exit.reason);
    self->quit(exit.reason);
  });
  for (Supervised& supervised : parts) {
    runtime->tree.add(supervised.id(), supervised.origin.kind, strategy_name(supervised.strategy), supervised.workers);
    runtime->tree.set_state(supervised.id(), "starting", runtime->clock.now());
    self->state.parts.push_back({std::move(supervised), {}, false});
  }
  for (auto part = self->state.parts.rbegin(); part != self->state.parts.rend(); ++part)
    start(self, runtime, *part);
  runtime->tree.set_state(kNodePart, "running", runtime->clock.now());
  return {
      [](const PingMessage& ping) { ping.pulse->busy_since = 0; },
      [=](const TrainMessage& train) {
        for (const Part& part : self->state.parts)
          if (part.supervised.id() == trainer_status_id(train.model))
            self->send(part.supervisor, train);
      },
      [=](StopMessage) {
        self->state.stopping = true;
        runtime->tree.set_state(kNodePart, "stopping", runtime->clock.now());
        stop_next(self, runtime);
      },
  };
}

}  // namespace penstock
