// Trains one model: at the start if the store holds no version yet and history is there to learn from, and whenever it is
// told to. Runs on a thread of its own; the heavy work is done by low-priority threads of the model. A training that fails
// is reported and leaves the live version alone; a first one that failed of something that may pass (no memory, the store
// unavailable) is tried again as the restart policy says. After trainings that took the process with them, none begins by
// itself. Between trainings it lets the server fold new items in.
//
// Takes TrainMessage (ModelServer::begin_training() has said yes), TickMessage, StopMessage. Has no pulse: a training takes
// as long as it takes, and shows its progress.
#pragma once

#include <caf/all.hpp>
#include <memory>

#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

class Trainer;
struct TrainerState {
  static inline const char* name = "trainer";
  std::unique_ptr<Trainer> trainer;
  TrainerState();
  ~TrainerState();
};

/// `server` and `runtime` outlive the actors.
Supervised supervised_trainer(Runtime* runtime, ModelServer* server);

}  // namespace penstock
