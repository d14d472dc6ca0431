// What the declarations of all models have in common. Hyper-parameters are declared once, in models/registry.h; the
// rest is here: the input's properties and the model's life cycle.
#pragma once

#include <string>

#include "models/model.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

/// Requires: models/registry.h knows the model `name`.
topology::ComponentType model_component(const std::string& name, std::string example);
/// The model with the component's hyper-parameters. Errors: invalid_argument, naming the parameter.
Result<ModelPtr> make_model_component(const MakeContext& context);

}  // namespace penstock
