// What the workers of a node have done, hold, and have waiting, as their pulses tell it: for the metrics, added up over the
// workers of a component. Thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "actors/supervision/pulse.h"
#include "core/clock.h"
#include "monitoring/event.h"

namespace penstock {

class WorkReport {
 public:
  /// All outlive it.
  WorkReport(const Pulses& pulses, const Clock& clock, monitoring::Monitor& monitor)
      : pulses_(pulses), clock_(clock), monitor_(monitor) {}

  /// Tells monitoring: where time went since the last call, keys and bytes of state, what waits, and how far event time has
  /// come (the least of a component's workers).
  void tell();

 private:
  struct Told {
    std::weak_ptr<Pulse> pulse;
    int64_t busy = 0, idle = 0, blocked = 0;  // ns
  };
  void tell_time(const PulsePtr& pulse, int64_t now);

  const Pulses& pulses_;
  const Clock& clock_;
  monitoring::Monitor& monitor_;
  std::mutex mutex_;
  std::map<const Pulse*, Told> told_;
};

}  // namespace penstock
