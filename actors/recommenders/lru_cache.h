// A map of bounded size that forgets what was used longest ago. Thread safe; the lock is held for one look-up.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace penstock {

/// Value: cheap to copy, such as a shared pointer.
template <class Value>
class LruCache {
 public:
  explicit LruCache(size_t entries) : entries_(entries) {}

  std::optional<Value> get(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end())
      return std::nullopt;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->second;
  }
  void put(const std::string& key, Value value) {
    const std::lock_guard lock(mutex_);
    if (const auto found = places_.find(key); found != places_.end()) {
      found->second->second = std::move(value);
      order_.splice(order_.begin(), order_, found->second);
      return;
    }
    if (entries_ == 0)
      return;
    if (order_.size() == entries_) {
      places_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, std::move(value));
    places_.emplace(order_.front().first, order_.begin());
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    places_.clear();
    order_.clear();
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return order_.size();
  }

 private:
  using Order = std::list<std::pair<std::string, Value>>;  // used last in front

  const size_t entries_;
  mutable std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, typename Order::iterator> places_;  // keys point into the list
};

}  // namespace penstock
