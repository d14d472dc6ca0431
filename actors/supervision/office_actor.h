// Does the work of an office several times a second, in an actor of its own: commands for models' versions, beside the trainers
// so that a rollback does not wait for a training; jobs that fall due.
#pragma once

#include <functional>
#include <string>

#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

/// `name` and `worker`: in the supervision tree. `runtime` and what `work` refers to outlive the actor.
Supervised supervised_office(Runtime* runtime, const std::string& name, const std::string& worker,
                             std::function<void()> work);

}  // namespace penstock
