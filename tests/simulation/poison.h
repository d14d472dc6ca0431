// Stage `poison`, of the simulation alone: lets rows pass, but is the end of its actor (`how: throws`) or of the whole process
// (`how: dies`) when it meets one for which the condition `on` is true.
#pragma once

#include "actors/components.h"

namespace penstock::simulation {

topology::ComponentType poison_type();
Result<StagePtr> make_poison(const MakeContext& context);

}  // namespace penstock::simulation
