// Stage `query`: one SELECT that stands for a chain of filter, map, reduce and sort stages. The checker replaces it by
// those stages before it binds and plans, so there is only the declaration.
#pragma once

#include "topology/component_type.h"

namespace penstock {

topology::ComponentType query_type();

}  // namespace penstock
