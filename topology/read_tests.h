// Reads the section `tests:` against the components of its topology, with every mistake at its place: unknown sources,
// views and columns, values of the wrong type, times that go back. Pure.
#pragma once

#include <vector>

#include "topology/diagnostic.h"
#include "topology/plan.h"
#include "topology/tests.h"

namespace penstock::topology {

/// What `dead_letters` shows to tests: stage, reason, log, record (all text).
SchemaPtr dead_letter_columns();

/// The tests without those that have mistakes. `section`: the map below `tests:`. Of components with mistakes of their own
/// nothing is said.
std::vector<Test> read_tests(const Node& section, const std::vector<BoundComponent>& components,
                             Diagnostics& diagnostics);

}  // namespace penstock::topology
