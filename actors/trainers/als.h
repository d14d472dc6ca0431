// Model `als` as a component: matrix factorisation for implicit feedback (models/als.h).
#pragma once

#include "topology/component_type.h"

namespace penstock {

topology::ComponentType als_type();

}  // namespace penstock
