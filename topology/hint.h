// The words that all hints share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::topology {

/// `a, b, c`; behind the twelfth name only how many more there are.
std::string joined(const std::vector<std::string>& names);

/// `did you mean where?`, or, if no known name is near, `otherwise` and the known names: `its keys are a, b`. Nothing if
/// there are none.
std::string nearest_hint(std::string_view word, const std::vector<std::string>& known, std::string_view otherwise);

}  // namespace penstock::topology
