// Looks at all workers about once a second, from a thread outside the actor system, and tells monitoring which of them hang.
// When one has hung for twice the stall timeout, or the actor system does not run at all, it gives up: a thread cannot be
// taken away from whoever hangs in it. Lives as long as the actor system runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "actors/supervision/health_check.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class Watchdog {
 public:
  /// Asks the actor system for a sign of life: it is to set `busy_since` of the pulse to 0.
  using Ping = std::function<void(const PulsePtr&)>;

  /// Requires: the runtime's stall timeout is above 0.
  Watchdog(Runtime* runtime, Ping ping);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// The actor system is being stopped: it is asked for no more signs of life. Workers are still watched.
  void stop_pinging();

 private:
  void look();
  void tell(const HealthCheck::Verdict& verdict);

  Runtime* runtime_;
  const Duration interval_;
  HealthCheck check_;
  Ping ping_;        // empty: no more
  PulsePtr system_;  // of the actor system as a whole
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace penstock
