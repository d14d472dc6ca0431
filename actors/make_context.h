// What a component's factory may look at, taken from a checked topology.
#pragma once

#include "actors/components.h"
#include "topology/plan.h"

namespace penstock {

/// Requires: `id` is in the topology, which outlives the result.
MakeContext make_context(const topology::CheckedTopology& topology, std::string_view id, const Clock& clock,
                         const std::string& store_id = {});

}  // namespace penstock
