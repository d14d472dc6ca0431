#include "actors/supervision/health_check.h"

#include <algorithm>

namespace penstock {

void HealthCheck::Watch::see(int64_t pulse_since, int64_t elapsed) {
  nanos = pulse_since != 0 && pulse_since == since ? nanos + elapsed : 0;
  since = pulse_since;
}

HealthCheck::Verdict HealthCheck::look(int64_t now_nanos, const std::vector<PulsePtr>& pulses) {
  const int64_t elapsed = std::min(now_nanos - last_look_, 2 * interval_.micros * 1000);
  last_look_ = now_nanos;
  std::erase_if(seen_, [&](const auto& held) {
    return std::none_of(pulses.begin(), pulses.end(), [&](const PulsePtr& pulse) { return pulse.get() == held.first; });
  });
  Verdict verdict;
  for (const PulsePtr& pulse : pulses) {
    Seen& seen = seen_[pulse.get()];
    seen.busy.see(pulse->busy_since.load(std::memory_order_relaxed), elapsed);
    seen.commit.see(pulse->commit_since.load(std::memory_order_relaxed), elapsed);
    const bool waits = seen.commit.nanos > seen.busy.nanos;
    const Stall stall{pulse, {std::max(seen.busy.nanos, seen.commit.nanos) / 1000}, waits};
    const bool stalled = stall.lasts >= timeout_;
    if (stalled && !pulse->stalled)
      verdict.begun.push_back(stall);
    if (!stalled && pulse->stalled)
      verdict.ended.push_back(pulse);
    if (Duration{seen.busy.nanos / 1000} >= Duration{2 * timeout_.micros})
      verdict.hopeless.push_back(stall);
    pulse->stalled = stalled;
    verdict.all_well = verdict.all_well && (!stalled || waits);
  }
  return verdict;
}

}  // namespace penstock
