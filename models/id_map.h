// Outside ids as small numbers: each text gets the next number when it is first seen and keeps it. Thread safe; grows only.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace penstock {

class IdMap {
 public:
  /// The id's number, given now if it is new.
  uint32_t number(std::string_view id) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = numbers_.find(id); found != numbers_.end())
        return found->second;
    }
    const std::unique_lock lock(mutex_);
    if (const auto found = numbers_.find(id); found != numbers_.end())
      return found->second;
    const auto number = static_cast<uint32_t>(ids_.size());
    ids_.emplace_back(id);
    numbers_.emplace(ids_.back(), number);
    return number;
  }
  std::optional<uint32_t> find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = numbers_.find(id);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }
  /// Requires: number < size().
  std::string id(uint32_t number) const {
    const std::shared_lock lock(mutex_);
    return ids_[number];
  }
  uint32_t size() const {
    const std::shared_lock lock(mutex_);
    return static_cast<uint32_t>(ids_.size());
  }

 private:
  mutable std::shared_mutex mutex_;
  std::deque<std::string> ids_;                             // never moves its elements
  std::unordered_map<std::string_view, uint32_t> numbers_;  // keys point into ids_
};

}  // namespace penstock
