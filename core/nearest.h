// "Did you mean": the known name nearest to a misspelt one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace penstock {

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`; letter case is
/// ignored. Source: Damerau 1964, optimal string alignment.
size_t edit_distance(std::string_view a, std::string_view b);

/// The name nearest to `word` if it is near enough to be meant (at most a third of its length away), the first of equals.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace penstock
