// What every source declares about the log it fills: partitions, for how long records are kept, and how much it may hold.
#pragma once

#include <vector>

#include "messages/schema.h"
#include "topology/component_type.h"
#include "topology/property.h"

namespace penstock {

std::vector<topology::Property> log_properties();
/// Reports what is wrong with them. `schema` of the records; may be null.
void check_log(const topology::Component& component, const SchemaPtr& schema, topology::Diagnostics& diagnostics);

}  // namespace penstock
