// Trains one model: at the start if the store holds no version yet and history is there to learn from, and whenever it is
// told to. Runs on a thread of its own; the heavy work is done by low-priority threads of the model. A training that fails
// is reported and leaves the live version alone. Between trainings it lets the server fold new items in.
//
// Takes TrainMessage (ModelServer::begin_training() has said yes), TickMessage, StopMessage.
#pragma once

#include <caf/all.hpp>

#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"

namespace penstock {

struct TrainerState {
  static inline const char* name = "trainer";
};

/// `server` and `runtime` outlive the actor.
caf::behavior trainer_actor(caf::stateful_actor<TrainerState>* self, Runtime* runtime, ModelServer* server);

}  // namespace penstock
