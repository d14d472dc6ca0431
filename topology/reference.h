// The reference page of topology files, in Markdown, made from the declarations.
#pragma once

#include <string>

#include "topology/component_type.h"
#include "topology/settings_type.h"

namespace penstock::topology {

std::string reference(const Catalogue& catalogue, const SettingsType& settings);

}  // namespace penstock::topology
