// What every source declares about the log it fills: partitions, and for how long records are kept.
#pragma once

#include <vector>

#include "topology/property.h"

namespace penstock {

std::vector<topology::Property> log_properties();

}  // namespace penstock
