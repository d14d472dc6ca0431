// Whether a store takes commits, and why not. Noted by the store's writer, read from any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "core/status.h"

namespace penstock {

class StoreHealth {
 public:
  /// A commit of so many bytes was refused because of the budget or the disk.
  void note_refused(Status why, uint64_t bytes) {
    std::lock_guard lock(mutex_);
    status_ = std::move(why);
    wanted_ = std::max(wanted_, bytes);
    ++refused_;
  }
  /// It is (still) read-only, as a look has shown.
  void note_trouble(Status why) {
    std::lock_guard lock(mutex_);
    status_ = std::move(why);
  }
  void note_good() {
    std::lock_guard lock(mutex_);
    status_ = ok();
    wanted_ = 0;
  }

  Status status() const {
    std::lock_guard lock(mutex_);
    return status_;
  }
  /// The largest commit that was refused since it was good: so much must fit before it is good again.
  uint64_t wanted() const {
    std::lock_guard lock(mutex_);
    return wanted_;
  }
  uint64_t refused() const {
    std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  mutable std::mutex mutex_;
  Status status_;
  uint64_t wanted_ = 0, refused_ = 0;
};

}  // namespace penstock
