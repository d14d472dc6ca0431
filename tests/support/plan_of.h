// The plan of a topology given as text, for tests that run parts of one. REQUIREs that it has no mistakes.
#pragma once

#include <string>

#include "topology/plan.h"

namespace penstock::testing {

topology::Plan plan_of(const std::string& text);

}  // namespace penstock::testing
