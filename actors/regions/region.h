// Turns a planned region into actors: stage actors from the ends back to the beginning, then the reader that feeds them.
#pragma once

#include <caf/all.hpp>
#include <vector>

#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"
#include "topology/plan.h"

namespace penstock {

/// How a supervisor starts (and restarts) this region. The reader is the group's first actor.
Supervised supervised_region(Runtime* runtime, const topology::PlannedRegion& region);

}  // namespace penstock
