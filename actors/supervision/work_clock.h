// Where an actor's time goes: busy while a Work is alive, blocked or idle between. Tells it through the actor's pulse: to the
// watchdog what it is at right now, to the metrics what it did. Used by one actor.
#pragma once

#include <cstdint>

#include "actors/supervision/pulse.h"
#include "core/clock.h"

namespace penstock {

class WorkClock {
 public:
  WorkClock(const Clock& clock, PulsePtr pulse) : clock_(clock), pulse_(std::move(pulse)) {
    pulse_->since = clock.monotonic_nanos();
  }

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
  void set_blocked(bool blocked) { pulse_->is_blocked.store(blocked, std::memory_order_relaxed); }
  /// The actor has asked the store to commit, and has not been answered yet.
  void set_committing(bool committing) {
    pulse_->commit_since.store(committing ? clock_.monotonic_nanos() : 0, std::memory_order_relaxed);
  }
  const monitoring::Origin& origin() const { return pulse_->origin; }
  Pulse& pulse() { return *pulse_; }

 private:
  void begin() {
    const int64_t now = clock_.monotonic_nanos();
    pass(pulse_->is_blocked.load(std::memory_order_relaxed) ? pulse_->blocked : pulse_->idle, now);
    pulse_->busy_since.store(now, std::memory_order_relaxed);
  }
  void end() {
    pulse_->busy_since.store(0, std::memory_order_relaxed);
    pass(pulse_->busy, clock_.monotonic_nanos());
  }
  // Nobody else writes these.
  void pass(std::atomic<int64_t>& into, int64_t now) {
    into.store(into.load(std::memory_order_relaxed) + now - pulse_->since.load(std::memory_order_relaxed),
               std::memory_order_relaxed);
    pulse_->since.store(now, std::memory_order_relaxed);
  }

  const Clock& clock_;
  const PulsePtr pulse_;
};

}  // namespace penstock
