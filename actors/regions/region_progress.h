// What the reader and the workers of one life of a region tell each other beside messages: how far the store has committed,
// whether a worker holds more memory than its share, and in which epochs event time stands still. Thread safe; ends with the
// region's actors.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>

#include "core/ids.h"

namespace penstock {

struct RegionProgress {
  std::atomic<uint64_t> committed = 0;  // epochs, counted from the region's start
  std::atomic<uint32_t> overdrawn = 0;  // workers over their share: until their state is committed they cannot spill it

  /// By the end of this epoch some partition has rows of which none was handed on yet: how far event time has come cannot be
  /// told. Called before the epoch's marker is sent.
  void hold_time(Epoch epoch) {
    const std::lock_guard lock(mutex_);
    held_.insert(epoch);
  }
  bool holds_time(Epoch epoch) const {
    const std::lock_guard lock(mutex_);
    return held_.contains(epoch);
  }

 private:
  mutable std::mutex mutex_;
  std::set<Epoch> held_;
};

}  // namespace penstock
