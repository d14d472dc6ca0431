// Who wants to be woken when a log has grown. Shared by the stores.
//
// Thread safe. A handle may be destroyed on any thread, inside its own `wake` too, and after the registry is gone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/store.h"

namespace penstock {

class Subscriptions {
 public:
  Store::Subscription add(const std::string& log, std::function<void()> wake);
  /// Calls every subscriber of these logs once per log, on this thread.
  void wake(const std::set<std::string>& logs);

 private:
  struct Subscriber;

  std::mutex mutex_;
  std::map<std::string, std::vector<std::weak_ptr<Subscriber>>> by_log_;
};

}  // namespace penstock
