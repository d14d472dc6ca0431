// The JSON Schema (draft 2020-12) of a topology file, made from the declarations, for editors that complete and check as
// one types. It accepts every file that `check` accepts; names, columns and expressions are beyond it.
#pragma once

#include <string>

#include "topology/component_type.h"
#include "topology/settings_type.h"

namespace penstock::topology {

std::string json_schema(const Catalogue& catalogue, const SettingsType& settings);

}  // namespace penstock::topology
