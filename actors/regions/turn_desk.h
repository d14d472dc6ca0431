// Where requests for turns (region_turn.h) wait for the readers of their regions. Thread safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "actors/regions/region_turn.h"

namespace penstock {

class TurnDesk {
 public:
  /// The region's reader is woken by `wake` from now on; replaces that of an earlier life.
  void attend(const std::string& region, std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wakes_[region] = std::move(wake);
  }
  /// Waits for the region's next epoch end; one after the other.
  void post(const std::string& region, RegionTurnPtr turn) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      waiting_.emplace(region, std::move(turn));
      if (const auto found = wakes_.find(region); found != wakes_.end())
        wake = found->second;
    }
    if (wake)
      wake();
  }
  /// The oldest request for the region, or null.
  RegionTurnPtr take(const std::string& region) {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.lower_bound(region);
    if (found == waiting_.end() || found->first != region)
      return nullptr;
    RegionTurnPtr turn = std::move(found->second);
    waiting_.erase(found);
    return turn;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::function<void()>> wakes_;
  std::multimap<std::string, RegionTurnPtr> waiting_;
};

}  // namespace penstock
