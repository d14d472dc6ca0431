// Forgets, once in a while, what sources remember of requests and need not remember any longer (Ingest::forget).
#pragma once

#include <vector>

#include "actors/sources/ingest.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

/// The ingests and the runtime outlive the actor.
Supervised supervised_ingest_janitor(Runtime* runtime, std::vector<Ingest*> ingests);

}  // namespace penstock
