// From a topology file to its plan, as every verb that runs something needs it.
#pragma once

#include <optional>
#include <string>

#include "cli/exit.h"
#include "topology/plan.h"

namespace penstock::cli {

/// Nothing if the file has mistakes or cannot be read: they have been printed as `penstock check` does, and `exit` set.
/// Warnings are printed too.
std::optional<topology::Plan> load_plan(const std::string& file, Exit& exit);

}  // namespace penstock::cli
