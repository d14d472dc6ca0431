// Where an actor's time goes: busy while a Work is alive, blocked or idle between. Tells monitoring about once a second, and
// the watchdog, through the actor's pulse, what it is at right now. Used by one actor.
#pragma once

#include <cstdint>

#include "actors/supervision/pulse.h"
#include "core/clock.h"
#include "monitoring/event.h"

namespace penstock {

class WorkClock {
 public:
  WorkClock(const Clock& clock, monitoring::Monitor& monitor, PulsePtr pulse)
      : clock_(clock), monitor_(monitor), pulse_(std::move(pulse)), last_(clock.monotonic_nanos()) {}

  /// Alive while the actor handles a message.
  class Work {
   public:
    explicit Work(WorkClock& owner) : owner_(owner) { owner_.begin(); }
    ~Work() { owner_.end(); }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    WorkClock& owner_;
  };

  /// Whether the time until the next Work counts as blocked (held up by a limit) or idle.
  void set_blocked(bool blocked) { blocked_now_ = blocked; }
  /// The actor has asked the store to commit, and has not been answered yet.
  void set_committing(bool committing) {
    pulse_->commit_since.store(committing ? clock_.monotonic_nanos() : 0, std::memory_order_relaxed);
  }
  const monitoring::Origin& origin() const { return pulse_->origin; }

 private:
  void begin() {
    const int64_t now = clock_.monotonic_nanos();
    (blocked_now_ ? blocked_ : idle_) += now - last_;
    last_ = now;
    pulse_->busy_since.store(now, std::memory_order_relaxed);
  }
  void end() {
    pulse_->busy_since.store(0, std::memory_order_relaxed);
    const int64_t now = clock_.monotonic_nanos();
    busy_ += now - last_;
    last_ = now;
    if (busy_ + idle_ + blocked_ < 1'000'000'000)
      return;
    monitor_.emit(monitoring::TimeSpent{origin(), seconds(busy_), seconds(idle_), seconds(blocked_)});
    busy_ = idle_ = blocked_ = 0;
  }
  static double seconds(int64_t nanos) { return static_cast<double>(nanos) * 1e-9; }

  const Clock& clock_;
  monitoring::Monitor& monitor_;
  const PulsePtr pulse_;
  int64_t last_;
  int64_t busy_ = 0, idle_ = 0, blocked_ = 0;
  bool blocked_now_ = false;
};

}  // namespace penstock
