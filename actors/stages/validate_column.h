// The declaration of what `validate` asks of one column: its keys, and every way in which they can be wrong or contradict
// each other. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/stages/validate.h"
#include "topology/component.h"
#include "topology/diagnostic.h"
#include "topology/property.h"

namespace penstock {

std::vector<topology::Property> validate_column_properties();

/// `entry`: the group of those properties. `reject_missing`: the stage's default. No value: the column is unknown, or its
/// type is wrong; mistakes were reported.
std::optional<ValidateColumn> plan_column(const std::string& name, const topology::PropertyValue& entry,
                                          bool reject_missing, const SchemaPtr& input,
                                          topology::Diagnostics& diagnostics);

}  // namespace penstock
