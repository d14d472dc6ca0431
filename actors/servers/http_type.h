// Server `http` as a component: its declaration. The server itself is started by the node, from these properties.
#pragma once

#include "topology/component_type.h"

namespace penstock {

topology::ComponentType http_type();

}  // namespace penstock
