// A stage for tests, `crash`: passes rows on, and on those for which a condition is true does what a bug would do: throws,
// fails, or ends the process. Also as a sink of the same name, which keeps nothing.
#pragma once

#include "actors/components.h"

namespace penstock::test {

/// Adds both to the components. Called once, before anything else.
void add_crash_components();

}  // namespace penstock::test
