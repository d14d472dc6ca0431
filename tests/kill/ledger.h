// What the clients of the kill loop know for certain: the ids that were issued (sent at least once) and those that were
// acknowledged. Thread safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace penstock::kill {

class Ledger {
 public:
  /// New ids, never given before.
  std::vector<int64_t> issue(size_t count) {
    const std::lock_guard lock(mutex_);
    std::vector<int64_t> ids;
    for (size_t i = 0; i < count; ++i)
      ids.push_back(issued_++);
    return ids;
  }
  void acknowledge(const std::vector<int64_t>& ids) {
    const std::lock_guard lock(mutex_);
    acknowledged_.insert(ids.begin(), ids.end());
  }
  void complain(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (complaints_.size() < 20)
      complaints_.push_back(what);
  }

  /// All ids below it were issued.
  int64_t issued() const {
    const std::lock_guard lock(mutex_);
    return issued_;
  }
  std::set<int64_t> acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }
  /// Answers that no client should get.
  std::vector<std::string> complaints() const {
    const std::lock_guard lock(mutex_);
    return complaints_;
  }

 private:
  mutable std::mutex mutex_;
  int64_t issued_ = 0;
  std::set<int64_t> acknowledged_;
  std::vector<std::string> complaints_;
};

}  // namespace penstock::kill
