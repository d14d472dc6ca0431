// A topology's text through everything that happens before it runs.
#pragma once

#include <string_view>

namespace penstock::fuzz {

/// Checks the text with the real catalogue; if there are no mistakes, plans it, shows the plan in every form, and makes its
/// stages, which then take a few rows.
void check_topology(std::string_view text);

}  // namespace penstock::fuzz
