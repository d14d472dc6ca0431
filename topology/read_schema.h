// The `schemas` section: name → columns with their types.
#pragma once

#include <map>
#include <string>

#include "topology/spec.h"

namespace penstock::topology {

std::map<std::string, DeclaredSchema, std::less<>> read_schemas(const Node& section, Diagnostics& diagnostics);

}  // namespace penstock::topology
