// The `items` of a recommendation answer as a table.
#pragma once

#include <ostream>
#include <string>

#include "core/status.h"

namespace penstock::cli {

/// Prints the items, then a blank line. Errors: internal (the answer is not what this version expects).
Status print_items(const std::string& answer, std::ostream& out);

/// What the answer rests on: `model taste, version 3`.
Result<std::string> model_line(const std::string& answer);

}  // namespace penstock::cli
