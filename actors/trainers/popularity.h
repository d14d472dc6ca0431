// Model `popularity` as a component: the baseline that every other model has to beat (models/popularity.h).
#pragma once

#include "topology/component_type.h"

namespace penstock {

topology::ComponentType popularity_type();

}  // namespace penstock
