// The declaration of the recommender `blend`: candidates of several models, filtered, blended, made diverse, with a chain of
// fallbacks behind them.
#pragma once

#include "topology/component_type.h"

namespace penstock {

topology::ComponentType blend_type();

}  // namespace penstock
