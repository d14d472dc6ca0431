// The node's account of memory: what each part says that it holds, against the budget for all of them. Thread safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace penstock {

class MemoryBudget {
 public:
  /// `limit` in bytes; 0: no limit.
  explicit MemoryBudget(uint64_t limit = 0) : limit_(limit) {}

  /// The part now holds that many bytes.
  void set(const std::string& part, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    uint64_t& held = parts_[part];
    used_ += bytes - held;  // modulo 2^64
    held = bytes;
  }
  uint64_t used() const { return used_; }
  uint64_t limit() const { return limit_; }
  /// Whether nothing more may be taken in for now.
  bool exceeded() const { return limit_ > 0 && used_ > limit_; }
  std::map<std::string, uint64_t> parts() const {
    const std::lock_guard lock(mutex_);
    return parts_;
  }

 private:
  const uint64_t limit_;
  std::atomic<uint64_t> used_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> parts_;
};

}  // namespace penstock
