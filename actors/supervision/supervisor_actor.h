// Keeps one part of a node running: a region, a source, a sink, a trainer. Starts a group of actors and watches them; if one
// fails, it stops the rest, waits until every commit they had asked for is settled, pauses as the restart policy says, and
// starts the group again from what is committed. Other parts never notice. If the supervisor itself dies, the next one
// finds the group that is left and ends it in the same way before it starts its own.
//
// Takes StopMessage: passes it to the group's first actor and quits when the whole group is gone. Takes TrainMessage:
// passes it to the group's first actor.
#pragma once

#include <caf/all.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/regions/attempts.h"
#include "actors/supervision/runtime.h"
#include "messages/actor_protocol.h"
#include "monitoring/event.h"

namespace penstock {

/// A group of actors, spawned by (and as children of) the supervisor. When the first one quits without an error, the
/// group's work is done.
using StartGroup =
    std::function<std::vector<caf::actor>(caf::event_based_actor* supervisor, const LastFailure& last_failure)>;

struct SupervisorState {
  static inline const char* name = "supervisor";
  uint64_t generation = 0;
  size_t alive = 0;  // of the group
  size_t started = 0;
  bool failed = false;
  bool stopping = false;
  bool searching = false;  // the group looks for the record that makes it fail, and may fail for that
  LastFailure last_failure;
  std::optional<RestartHistory> history;
};

/// What ends when one member of a group fails: all of them (a region: an epoch is whole or was not), or itself, as the only
/// member there is.
enum class Strategy { kOneForAll, kOneForOne };
inline const char* strategy_name(Strategy strategy) {
  return strategy == Strategy::kOneForAll ? "one_for_all" : "one_for_one";
}

struct Supervised {
  monitoring::Origin origin;
  std::vector<std::string> components;  // ids on the status board that the group stands for; the first names the part
  StartGroup start;
  Strategy strategy = Strategy::kOneForOne;
  std::vector<std::string> workers = {};  // names of what `start` gives
  /// What runs at the moment; outlives a supervisor that dies.
  std::shared_ptr<std::vector<caf::actor>> group = std::make_shared<std::vector<caf::actor>>();
  bool replaces = false;  // the supervisor stands in for one that died

  const std::string& id() const { return components.front(); }
};

caf::behavior supervisor_actor(caf::stateful_actor<SupervisorState>* self, Runtime* runtime, Supervised supervised);

}  // namespace penstock
