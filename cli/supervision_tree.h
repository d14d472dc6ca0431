// The answer of GET /v1/supervision as a tree, for people.
#pragma once

#include <ostream>
#include <string>

#include "core/status.h"

namespace penstock::cli {

/// Errors: internal (the answer is not what this version expects).
Status print_supervision(const std::string& answer, std::ostream& out);

}  // namespace penstock::cli
