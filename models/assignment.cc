#include "models/assignment.h"

#include <xxhash.h>

#include <numeric>

namespace penstock {

double assignment_of(std::string_view salt, std::string_view user) {
  const uint64_t seed = XXH3_64bits(salt.data(), salt.size());
  return static_cast<double>(XXH3_64bits_withSeed(user.data(), user.size(), seed) >> 11) * 0x1.0p-53;
}

size_t assign(std::string_view salt, std::string_view user, std::span<const double> shares) {
  double left = assignment_of(salt, user) * std::accumulate(shares.begin(), shares.end(), 0.0);
  size_t variant = 0;
  while (variant + 1 < shares.size() && left >= shares[variant])
    left -= shares[variant++];
  while (variant > 0 && shares[variant] <= 0)  // what rounding left over
    --variant;
  return variant;
}

}  // namespace penstock
