#include "storage/subscriptions.h"

#include <algorithm>

namespace penstock {

struct Subscriptions::Subscriber {
  std::recursive_mutex mutex;  // recursive: `wake` may destroy its own handle
  bool wanted = true;
  std::function<void()> wake;
};

Store::Subscription Subscriptions::add(const std::string& log, std::function<void()> wake) {
  auto subscriber = std::make_shared<Subscriber>();
  subscriber->wake = std::move(wake);
  {
    std::lock_guard lock(mutex_);
    auto& subscribers = by_log_[log];
    std::erase_if(subscribers, [](const auto& weak) { return weak.expired(); });
    subscribers.push_back(subscriber);
  }
  return Store::Subscription(static_cast<void*>(nullptr), [subscriber](void*) {
    std::lock_guard lock(subscriber->mutex);
    subscriber->wanted = false;
  });
}

void Subscriptions::wake(const std::set<std::string>& logs) {
  std::vector<std::shared_ptr<Subscriber>> due;
  {
    std::lock_guard lock(mutex_);
    for (const auto& log : logs) {
      const auto found = by_log_.find(log);
      if (found == by_log_.end())
        continue;
      for (const auto& weak : found->second)
        if (auto subscriber = weak.lock())
          due.push_back(std::move(subscriber));
    }
  }
  for (const auto& subscriber : due) {
    std::lock_guard lock(subscriber->mutex);
    if (subscriber->wanted)
      subscriber->wake();
  }
}

}  // namespace penstock
