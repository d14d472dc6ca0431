// The root of the supervision tree: starts a supervisor for each part of the node, and watches the supervisors themselves.
// Parts are independent (one_for_one): logs stand between them, so that a part which is away for a while is missed by nobody.
// A supervisor that dies is replaced; if that happens more often than the restart intensity allows, memory or the program
// itself is broken, and the node gives up.
//
// Takes StopMessage (lets part after part finish, in flow order, and quits when all are gone), TrainMessage (passes it to
// the model's trainer), PingMessage.
#pragma once

#include <caf/all.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/supervision/restart_policy.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

struct NodeSupervisorState {
  static inline const char* name = "node";
  struct Part {
    Supervised supervised;
    caf::actor supervisor;
    bool alive = false;
  };
  std::vector<Part> parts;
  bool stopping = false;
  std::optional<RestartHistory> history;
};

/// `parts` in flow order: those of one kind are stopped together, kind after kind. They are started the other way round, so
/// that every consumer stands before its input begins to flow.
caf::behavior node_supervisor_actor(caf::stateful_actor<NodeSupervisorState>* self, Runtime* runtime,
                                    std::vector<Supervised> parts);

/// The id of a model's trainer in the tree and on the status board.
inline std::string trainer_status_id(const std::string& model) { return "trainer:" + model; }

}  // namespace penstock
