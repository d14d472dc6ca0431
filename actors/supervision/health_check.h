// Decides which workers hang, from looks at their pulses now and then. Pure: time comes with each look. A worker hangs when
// it has been with one message, or has waited for one commit, for `timeout`. Only time between looks counts, and of a long
// gap (the process was stopped, the machine slept) no more than twice the interval: whoever could not work does not hang.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/supervision/pulse.h"
#include "core/units.h"

namespace penstock {

struct Stall {
  PulsePtr pulse;
  Duration lasts;
  bool waits_for_store = false;  // else: with one message
};

class HealthCheck {
 public:
  struct Verdict {
    std::vector<Stall> begun;     // hang since this look
    std::vector<PulsePtr> ended;  // hung at the last look, and go on
    std::vector<Stall> hopeless;  // have been with one message for twice the timeout: only a new process mends that
    bool all_well = true;         // nothing hangs, except perhaps for the store's answer
  };

  HealthCheck(Duration timeout, Duration interval) : timeout_(timeout), interval_(interval) {}
  /// `now_nanos` is monotonic.
  Verdict look(int64_t now_nanos, const std::vector<PulsePtr>& pulses);

 private:
  // How long one thing that a pulse tells has gone on.
  struct Watch {
    int64_t since = 0;  // as the pulse has it; 0: nothing goes on
    int64_t nanos = 0;  // of it that was seen
    void see(int64_t pulse_since, int64_t elapsed);
  };
  struct Seen {
    Watch busy, commit;
  };

  Duration timeout_, interval_;
  int64_t last_look_ = 0;
  std::map<const Pulse*, Seen> seen_;
};

}  // namespace penstock
