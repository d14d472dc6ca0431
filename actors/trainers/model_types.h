// The models as components: models/registry.h declares each, and here stands the example that its reference page shows.
#pragma once

#include <vector>

#include "topology/component_type.h"

namespace penstock {

/// In the order of the registry.
std::vector<topology::ComponentType> model_component_types();

}  // namespace penstock
