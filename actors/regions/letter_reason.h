// Reasons of dead letters, taken apart: the rules they name, and what these have in common with those of other letters. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// One for each rule: `rating: expected 1 to 5, found 7; at: ...` are two. What stands in quotes is not looked at.
std::vector<std::string> reason_rules(std::string_view reason);

/// A rule without what differs from record to record: the record's place in what was read, and what was found.
std::string rule_kind(std::string_view rule);

}  // namespace penstock
