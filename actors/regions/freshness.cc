#include "actors/regions/freshness.h"

#include <algorithm>

namespace penstock {

void Freshness::add_reader(const std::string& log, const std::string& region) {
  const std::lock_guard lock(mutex_);
  taken_in_[log][region];
}

bool Freshness::is_over(const Wait& wait) const {
  const auto log = taken_in_.find(wait.log);
  if (log == taken_in_.end())
    return true;  // nobody reads it
  for (const auto& [region, partitions] : log->second)
    for (const auto& [partition, next] : wait.next) {
      const auto reached = partitions.find(partition);
      if (reached == partitions.end() || reached->second < next)
        return false;
    }
  return true;
}

// Takes the waits that are over out under the lock, and calls them outside it.
template <class Over>
void Freshness::end(const Over& over) {
  std::vector<Wait> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto kept =
        std::stable_partition(waits_.begin(), waits_.end(), [&](const Wait& wait) { return !over(wait); });
    std::move(kept, waits_.end(), std::back_inserter(ended));
    waits_.erase(kept, waits_.end());
  }
  for (const Wait& wait : ended)
    wait.done();
}

void Freshness::processed(const std::string& log, const std::string& region, Partition partition, Offset next) {
  {
    const std::lock_guard lock(mutex_);
    taken_in_[log][region][partition] = next;
    if (waits_.empty())
      return;
  }
  end([this](const Wait& wait) { return is_over(wait); });
}

void Freshness::wait(const std::string& log, std::vector<std::pair<Partition, Offset>> next, int64_t deadline_nanos,
                     Done done) {
  {
    const std::lock_guard lock(mutex_);
    waits_.push_back({log, std::move(next), deadline_nanos, std::move(done)});
  }
  end([this](const Wait& wait) { return is_over(wait); });
}

void Freshness::expire(int64_t now_nanos) {
  end([now_nanos](const Wait& wait) { return wait.deadline_nanos <= now_nanos; });
}

}  // namespace penstock
