// Text of a topology file → a topology without mistakes, or every mistake at once. In passes: YAML, declarations,
// queries, inputs and cycles, then each component bound to its inputs in flow order; a component whose inputs are wrong is
// still checked for what can be. Pure but for looking whether declared files exist; takes no locks, keeps nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "topology/component_type.h"
#include "topology/diagnostic.h"
#include "topology/parse.h"
#include "topology/plan.h"
#include "topology/settings_type.h"

namespace penstock::topology {

struct CheckResult {
  std::optional<CheckedTopology> topology;  // if there were no errors; there may be warnings
  Diagnostics diagnostics;                  // by place
};

/// `file`: as messages name it. `folder`: where relative paths of the file start.
CheckResult check(std::string_view text, const std::string& file, const std::string& folder, const Catalogue& catalogue,
                  const SettingsType& settings, const Environment& environment);

}  // namespace penstock::topology
