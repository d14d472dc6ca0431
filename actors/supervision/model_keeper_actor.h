// Does the work of the ModelOffice, several times a second: commands for models' versions, and versions on trial. Beside the
// trainers, so that a rollback does not wait for a training.
#pragma once

#include "actors/supervision/model_office.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

/// `runtime` and `office` outlive the actor.
Supervised supervised_model_keeper(Runtime* runtime, ModelOffice* office);

}  // namespace penstock
