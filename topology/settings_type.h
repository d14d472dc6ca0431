// What topology must know about settings in order to check them. The settings themselves are declared in config/.
#pragma once

#include <functional>
#include <vector>

#include "topology/property.h"
#include "topology/read_property.h"

namespace penstock::topology {

struct SettingsType {
  std::vector<Property> properties;
  /// Reports settings that are right each, but not together. All values are there, defaults filled in.
  std::function<void(const PropertyValues&, Diagnostics&)> check;
};

}  // namespace penstock::topology
