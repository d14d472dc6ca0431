// How the node is, as probes ask: put together from what supervisors and the watchdog noted. Pure reads; thread safe.
#pragma once

#include "actors/servers/node.h"
#include "actors/supervision/runtime.h"

namespace penstock {

/// The supervision tree with what hangs in it, and the servers below the node.
SupervisionStatus supervision_tree(const Runtime& runtime);

/// Writes `stalled` over the states of what hangs.
void mark_stalled(const Runtime& runtime, std::vector<ComponentStatus>& components);

/// Nothing hangs that only a new process would mend; always, if nobody looks.
bool is_alive(const Runtime& runtime);
/// The components can answer: every region has run, every source and sink has run or is failing by itself. Once so, it
/// stays so: a part that is restarted later is missed by no request.
bool has_come_up(const Runtime& runtime);

}  // namespace penstock
