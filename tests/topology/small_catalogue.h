// A small catalogue of component types, so that topology is tested without the real components, and helpers that turn a
// topology text into short strings.
#pragma once

#include <map>
#include <string>

#include "topology/check.h"

namespace penstock::topology::testing {

const Catalogue& small_catalogue();
const SettingsType& small_settings();

/// The text checked as `t.yaml` in the folder `folder`, with these variables.
CheckResult check_text(const std::string& text, const std::map<std::string, std::string>& variables = {},
                       const std::string& folder = ".");

/// One line for each diagnostic: `3:5 unknown-key: the text (the hint)`; warnings begin with `warning `.
std::string mistakes(const std::string& text, const std::map<std::string, std::string>& variables = {});
std::string to_lines(const Diagnostics& diagnostics);

/// Requires: the text has no errors.
CheckedTopology checked(const std::string& text);

}  // namespace penstock::topology::testing
