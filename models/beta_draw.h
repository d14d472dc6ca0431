// Random numbers with a Beta distribution. Plain functions; the same stream gives the same numbers.
//
// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000; a Beta(a, b)
// number is X / (X + Y) of X ~ Gamma(a), Y ~ Gamma(b).
#pragma once

#include <cmath>

#include "core/random.h"

namespace penstock {

/// Gamma(shape, 1). Requires: shape > 0.
inline double gamma_draw(double shape, Random& random) {
  if (shape < 1)  // G(a) = G(a + 1) U^(1/a)
    return gamma_draw(shape + 1, random) * std::pow(1 - random.uniform(), 1 / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal(), root = 1 + c * x;
    if (root <= 0)
      continue;
    const double v = root * root * root;
    if (std::log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v))
      return d * v;
  }
}

/// Requires: a > 0, b > 0.
inline double beta_draw(double a, double b, Random& random) {
  const double x = gamma_draw(a, random), y = gamma_draw(b, random);
  return x + y > 0 ? x / (x + y) : a / (a + b);
}

}  // namespace penstock
