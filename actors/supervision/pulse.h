// What each worker is at right now, and what it has done and holds, so that a thread outside the actor system can tell a
// worker that hangs from one that has nothing to do. A worker's own thread writes its pulse (a few stores of atomics for each
// message, through WorkClock); the watchdog and the metrics (work_report.h) read it. Nobody is woken for it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "monitoring/event.h"

namespace penstock {

struct Pulse {
  Pulse(std::string in_part, std::string named, monitoring::Origin from)
      : part(std::move(in_part)), worker(std::move(named)), origin(std::move(from)) {}

  const std::string part;           // id in the supervision tree
  const std::string worker;         // its name there
  const monitoring::Origin origin;  // of the component it works for
  // Monotonic nanoseconds, 0: not so.
  std::atomic<int64_t> busy_since{0};    // handles a message
  std::atomic<int64_t> commit_since{0};  // waits for the store to answer a commit
  std::atomic<bool> stalled{false};      // the watchdog's verdict

  // Where its time went, in ns, up to `since` (monotonic; 0: it has not begun). `is_blocked`: the time between two messages is
  // held up by a limit.
  std::atomic<int64_t> busy{0}, idle{0}, blocked{0}, since{0};
  std::atomic<bool> is_blocked{false};

  // Of its component, the part of this worker.
  std::atomic<bool> holds_state{false};
  std::atomic<uint64_t> keys{0}, state_bytes{0};
  std::atomic<int64_t> waiting_bytes{0}, waiting_batches{0};  // sent to it and not taken up; for a reader: epochs
  std::atomic<int64_t> event_time{kNoEventTime};  // µs since 1970 up to which its input is taken as complete
  static constexpr int64_t kNoEventTime = std::numeric_limits<int64_t>::min();

  void arrive(uint64_t bytes) {
    waiting_bytes += static_cast<int64_t>(bytes);
    ++waiting_batches;
  }
  void take_up(uint64_t bytes) {
    waiting_bytes -= static_cast<int64_t>(bytes);
    --waiting_batches;
  }
};
using PulsePtr = std::shared_ptr<Pulse>;

/// The pulses of all workers there are. Thread safe.
class Pulses {
 public:
  /// The worker keeps the pulse; when it is gone, so is its pulse.
  PulsePtr add(std::string part, std::string worker, monitoring::Origin origin) {
    auto pulse = std::make_shared<Pulse>(std::move(part), std::move(worker), std::move(origin));
    const std::lock_guard lock(mutex_);
    std::erase_if(pulses_, [](const std::weak_ptr<Pulse>& held) { return held.expired(); });
    pulses_.push_back(pulse);
    return pulse;
  }

  std::vector<PulsePtr> all() const {
    std::vector<PulsePtr> out;
    const std::lock_guard lock(mutex_);
    for (const std::weak_ptr<Pulse>& held : pulses_)
      if (PulsePtr pulse = held.lock())
        out.push_back(std::move(pulse));
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<Pulse>> pulses_;
};

}  // namespace penstock
