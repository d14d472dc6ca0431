// Keeps one part of a node running: a region, a source, a sink. Starts a group of actors and watches them; if one fails, it
// stops the rest, waits until every commit they had asked for is settled, pauses as the restart policy says, and starts
// the group again from what is committed. Other parts never notice.
//
// Takes StopMessage: passes it to the group's first actor and quits when the whole group is gone.
#pragma once

#include <caf/all.hpp>
#include <functional>
#include <string>
#include <vector>

#include "actors/supervision/runtime.h"
#include "messages/actor_protocol.h"
#include "monitoring/event.h"

namespace penstock {

/// A group of actors, spawned by (and as children of) the supervisor. When the first one quits without an error, the
/// group's work is done. `last_failure`: why the group had to be started again; empty at the first start.
using StartGroup =
    std::function<std::vector<caf::actor>(caf::event_based_actor* supervisor, const std::string& last_failure)>;

struct SupervisorState {
  static inline const char* name = "supervisor";
  uint64_t generation = 0;
  std::vector<caf::actor> group;
  size_t alive = 0;
  size_t started = 0;
  bool failed = false;
  bool stopping = false;
  std::string reason;
  std::optional<RestartHistory> history;
};

/// `components`: ids on the status board that this group stands for.
struct Supervised {
  monitoring::Origin origin;
  std::vector<std::string> components;
  StartGroup start;
};

caf::behavior supervisor_actor(caf::stateful_actor<SupervisorState>* self, Runtime* runtime, Supervised supervised);

}  // namespace penstock
