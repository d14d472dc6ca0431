// Which variant of an experiment somebody gets: by a hash of the user, salted with the experiment's name, so that it is the
// same for ever, on every node and without a table, and independent between experiments. Pure; any thread.
//
//   u = XXH3_64(user, seed = XXH3_64(salt)) / 2⁶⁴;   the first variant whose cumulated share exceeds u
//
// A change of the shares moves as few users as intervals of [0, 1) allow; a change of the salt draws anew.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace penstock {

/// Uniform in [0, 1).
double assignment_of(std::string_view salt, std::string_view user);
/// Requires: at least one share, none below 0, their sum over 0.
size_t assign(std::string_view salt, std::string_view user, std::span<const double> shares);

}  // namespace penstock
