// The stage behind a named output of another (topology/outputs.h): passes on what that emits there. Nobody declares it.
#pragma once

#include "actors/stages/stage.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

topology::ComponentType output_type();
Result<StagePtr> make_output(const MakeContext& context);

}  // namespace penstock
