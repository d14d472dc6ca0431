// Where time comes from. Everything that needs the time is given a Clock, so that tests and simulation decide what time
// it is. Thread safe.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/ids.h"

namespace penstock {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time, for stamps on data. May jump.
  virtual Timestamp now() const = 0;
  /// Nanoseconds that never go back, for measuring durations.
  virtual int64_t monotonic_nanos() const = 0;

  /// The machine's clock.
  static const Clock& system();
};

/// A clock that moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = {}) : micros_(start.micros) {}
  Timestamp now() const override { return {micros_.load()}; }
  int64_t monotonic_nanos() const override { return micros_.load() * 1000; }
  void advance_micros(int64_t micros) { micros_ += micros; }

 private:
  std::atomic<int64_t> micros_;
};

}  // namespace penstock
