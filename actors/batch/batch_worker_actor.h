// A worker of batch runs: pulls a task, does it step by step, and pulls the next. On a thread that the system prefers all others
// to. If it fails, its task goes to another, and its supervisor starts it again.
//
// Takes WakeMessage (there may be work), TickMessage (the next step), CommittedMessage, StopMessage (what is under way goes on
// after the next start).
#pragma once

#include <caf/all.hpp>

#include "actors/batch/batch_runs.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

/// Requires: `runs` outlives the actors.
Supervised supervised_batch_worker(Runtime* runtime, BatchRuns* runs, uint32_t worker);

}  // namespace penstock
