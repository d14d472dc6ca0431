// The hyper-parameters of als as the registry knows them: their declaration, from text, to text.
#pragma once

#include "models/als.h"
#include "models/registry.h"

namespace penstock {

/// Errors: invalid_argument, naming the parameter and its range.
Status check(const AlsParameters& parameters);
/// What make_model() makes the same model of.
ParameterValues values_of(const AlsParameters& parameters);

}  // namespace penstock
