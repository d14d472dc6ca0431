// Consumers whose attempts a death of the process has interrupted try again one at a time: if it dies once more, it is known of
// whose records. Otherwise a consumer that happened to be at work whenever another one's record killed the process
// would be blamed as often as that one, and set its own innocent records aside. Thread safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace penstock {

class TrialTurns {
 public:
  /// True: it is the owner's turn, until give_back(). False: it is somebody else's; `wake` will be called, once, when it is
  /// worth asking again, by the thread that gives back.
  bool take(const std::string& owner, std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    if (holder_ && *holder_ != owner) {
      waiting_[owner] = std::move(wake);
      return false;
    }
    holder_ = owner;
    return true;
  }

  /// The owner has no turn and waits for none.
  void give_back(const std::string& owner) {
    std::map<std::string, std::function<void()>> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting_.erase(owner);
      if (holder_ != owner)
        return;
      holder_.reset();
      waiting.swap(waiting_);
    }
    for (const auto& [other, wake] : waiting)
      wake();
  }

 private:
  std::mutex mutex_;
  std::optional<std::string> holder_;
  std::map<std::string, std::function<void()>> waiting_;  // by owner
};

}  // namespace penstock
