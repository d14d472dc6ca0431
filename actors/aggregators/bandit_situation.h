// A bandit's situation from the JSON object that a client sends with its question and that the log of impressions keeps.
// Plain functions.
#pragma once

#include <string_view>
#include <vector>

#include "core/status.h"
#include "models/bandit_context.h"

namespace penstock {

/// `json`: an object whose members are features: numbers, texts, true, false or null. Empty: nothing is known.
/// Errors: invalid_argument, with the member and the nearest declared feature.
Result<std::vector<double>> read_situation(const BanditContext& context, std::string_view json);

}  // namespace penstock
