// When to restart what failed: at once while failures are rare, after a growing pause when they are not. As in OTP:
// intensity restarts within a period are normal; beyond that the pause doubles from `backoff_min` to `backoff_max` and the
// part counts as failing until it has run for a whole period. A pure function of what happened and the time.
// Source: Erlang/OTP design principles, supervisor behaviour (intensity and period).
#pragma once

#include <cstdint>
#include <deque>

#include "core/units.h"

namespace penstock {

struct RestartLimits {
  int64_t intensity = 5;
  Duration period{60'000'000};
  Duration backoff_min{100'000};
  Duration backoff_max{30'000'000};
};

struct RestartDecision {
  Duration pause;        // before the restart
  bool failing = false;  // more failures than `intensity` within `period`
};

class RestartHistory {
 public:
  explicit RestartHistory(RestartLimits limits) : limits_(limits) {}
  /// Notes a failure at `now_nanos` (monotonic) and says what to do. `random` in [0, 1) spreads the pause by ±20 %.
  RestartDecision on_failure(int64_t now_nanos, double random);
  uint64_t total() const { return total_; }

 private:
  RestartLimits limits_;
  std::deque<int64_t> failures_;  // within the period
  int64_t excess_ = 0;            // failures in a row beyond the intensity
  uint64_t total_ = 0;
};

}  // namespace penstock
