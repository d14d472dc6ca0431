// The node's account of memory: what each part says that it holds, against the budget for all of them together. Over it,
// readers and sources take in nothing more until something is freed, aggregators leave keys to their tables, caches
// shrink. Thread safe.
//
// Whoever can free memory subscribes to be told when the budget comes to be exceeded: nothing is taken in then, so nobody
// would be woken by new input.
//
// A part is a word such as `state.sales`: letters, digits, `_`, `-` and `.`; several holders may share one.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "storage/subscriptions.h"

namespace penstock {

class MemoryBudget {
 public:
  /// `limit` in bytes; 0: no limit.
  explicit MemoryBudget(uint64_t limit = 0) : limit_(limit) {}

  /// The part, which has one holder, now holds that many bytes.
  void set(const std::string& part, uint64_t bytes) { change(part, bytes, true); }
  /// The part holds that many bytes more, modulo 2^64: what is negative gives back.
  void add(const std::string& part, uint64_t bytes) { change(part, bytes, false); }

  uint64_t used() const { return used_; }
  uint64_t limit() const { return limit_; }
  /// What may still be taken.
  uint64_t free() const {
    const uint64_t used = used_;
    return limit_ == 0 ? ~0ULL : limit_ - (used < limit_ ? used : limit_);
  }
  /// Whether nothing more may be taken in for now.
  bool exceeded() const { return limit_ > 0 && used_ > limit_; }
  /// Calls `wake` each time the budget comes to be exceeded, on the thread of whoever took too much, until the handle is
  /// destroyed, which waits for a call that is under way. `wake` must be quick.
  std::shared_ptr<void> on_exceeded(std::function<void()> wake) { return wakes_.add("", std::move(wake)); }
  /// By part; those that hold nothing are left out.
  std::map<std::string, uint64_t> parts() const {
    const std::lock_guard lock(mutex_);
    return parts_;
  }

 private:
  void change(const std::string& part, uint64_t bytes, bool replace) {
    const bool before = exceeded();
    bool more = false;
    {
      const std::lock_guard lock(mutex_);
      uint64_t& held = parts_[part];
      const uint64_t now = replace ? bytes : held + bytes;
      more = now > held;
      used_ += now - held;  // modulo 2^64
      held = now;
      if (now == 0)
        parts_.erase(part);
    }
    if (more && !before && exceeded())
      wakes_.wake({""});
  }

  const uint64_t limit_;
  std::atomic<uint64_t> used_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> parts_;
  Subscriptions wakes_;
};

/// What one holder of a part holds; given back when the holder goes. One owner; the budget outlives it.
class MemoryAccount {
 public:
  MemoryAccount(MemoryBudget& budget, std::string part) : budget_(&budget), part_(std::move(part)) {}
  ~MemoryAccount() { set(0); }
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  void set(uint64_t bytes) {
    if (bytes == bytes_)
      return;
    budget_->add(part_, bytes - bytes_);
    bytes_ = bytes;
  }
  uint64_t bytes() const { return bytes_; }

 private:
  MemoryBudget* budget_;
  std::string part_;
  uint64_t bytes_ = 0;
};

}  // namespace penstock
