// JSON values as text: what json columns hold.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"

namespace penstock {

/// `text`, which must be one valid JSON value in UTF-8, without white space between its tokens; numbers and escapes
/// stay as they are written. Errors: invalid_argument, `expected ',' or '}', found ] at byte 17` (from 1).
Result<std::string> minify_json(std::string_view text);

}  // namespace penstock
