// Made-up factors to search.
#pragma once

#include <cmath>
#include <vector>

#include "core/random.h"
#include "models/factors.h"

namespace penstock::testing {

/// Factors of falling importance with log-normal norms (a spread of 0: alike), some rows equal and some zero.
inline Factors catalogue(int64_t items, int factors, double spread, uint64_t seed) {
  Random random(seed);
  Factors out(items, factors);
  for (int64_t item = 0; item < items; ++item) {
    const double scale = item % 97 == 0 ? 0 : std::exp(spread * random.normal());
    for (int j = 0; j < factors; ++j)
      out.row(item)[j] = static_cast<float>(scale * random.normal() / (1 + 0.2 * j));
    if (item % 11 == 5)
      std::copy(out.row(item - 1), out.row(item - 1) + out.width, out.row(item));
  }
  return out;
}

/// A bias for each of `items`, some equal.
inline std::vector<float> biases(int64_t items, uint64_t seed) {
  Random random(seed);
  std::vector<float> out(items);
  for (int64_t item = 0; item < items; ++item)
    out[item] = item % 11 == 5 ? out[item - 1] : static_cast<float>(random.normal());
  return out;
}

inline AlignedFloats user_vector(int factors, Random& random) {
  AlignedFloats x(padded_width(factors));
  for (int j = 0; j < factors; ++j)
    x[j] = static_cast<float>(random.normal() / (1 + 0.1 * j));
  return x;
}

}  // namespace penstock::testing
