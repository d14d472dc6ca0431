// Which keys somebody is at work on. A request takes all of its keys at once, or none and is called again when those that
// stand in its way are given back; so of requests with a key in common one decides after the other, and none waits for
// ever. Thread safe.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace penstock {

class Claims {
 public:
  using Retry = std::function<void()>;

  /// True: all of the keys are the caller's until it gives them back. False: one was taken; `retry` will be called, once,
  /// when that is given back, by the thread that does so. Requires: no key comes twice.
  bool take(const std::vector<std::string>& keys, Retry retry);
  /// The same, without being called again.
  bool try_take(const std::vector<std::string>& keys);
  /// Requires: they were taken together.
  void give_back(const std::vector<std::string>& keys);
  size_t size() const;

 private:
  const std::string* first_taken(const std::vector<std::string>& keys) const;  // requires the lock
  void mark(const std::vector<std::string>& keys);                             // requires the lock

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Retry>> taken_;  // with who waits for it
};

}  // namespace penstock
