// How long to wait before the next try: twice as long after each failure, up to a limit, spread at random so that those who
// failed together do not come back together.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/units.h"

namespace penstock {

struct Backoff {
  Duration min{100'000};
  Duration max{30'000'000};

  /// The pause after that many failures in a row, at least 1. `random` in [0, 1) spreads it by ±20 %.
  Duration pause(uint64_t failures, double random) const {
    const double doubled =
        static_cast<double>(min.micros) * std::exp2(static_cast<double>(std::min<uint64_t>(failures - 1, 40)));
    return {std::llround(std::min(doubled, static_cast<double>(max.micros)) * (0.8 + 0.4 * random))};
  }
};

}  // namespace penstock
