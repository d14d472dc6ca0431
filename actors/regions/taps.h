// Who listens to the rows that components emit. Costs the workers one relaxed load a batch while nobody does. Thread safe; a
// listener is called by the worker's thread and must be quick.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "messages/record_batch.h"

namespace penstock {

class Taps {
 public:
  using Listener = std::function<void(const BatchPtr& rows)>;

  /// Hears what the component emits (a source: what its log takes in) until the result is let go of. Requires: the taps
  /// outlive it.
  std::shared_ptr<void> open(std::string component, Listener listener) {
    auto tap = std::make_shared<const Tap>(Tap{std::move(component), std::move(listener)});
    const std::lock_guard lock(mutex_);
    taps_.push_back(tap);
    open_ = taps_.size();
    return std::shared_ptr<void>(nullptr, [this, tap](void*) { close(tap); });
  }
  bool any() const { return open_.load(std::memory_order_relaxed) > 0; }
  void show(const std::string& component, const BatchPtr& rows) const {
    std::vector<std::shared_ptr<const Tap>> heard;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& tap : taps_)
        if (tap->component == component)
          heard.push_back(tap);
    }
    for (const auto& tap : heard)
      tap->listener(rows);
  }

 private:
  struct Tap {
    std::string component;
    Listener listener;
  };
  void close(const std::shared_ptr<const Tap>& tap) {
    const std::lock_guard lock(mutex_);
    std::erase(taps_, tap);
    open_ = taps_.size();
  }

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Tap>> taps_;
  std::atomic<size_t> open_ = 0;
};

}  // namespace penstock
