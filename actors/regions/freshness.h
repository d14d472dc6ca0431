// Lets whoever has posted events wait until answers reflect them: readers report how far their regions have taken each log
// in, and a wait ends when all regions that read the log are past it, or at its deadline. Thread safe; a wait's `done` is
// called once, by the thread that ends it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace penstock {

class Freshness {
 public:
  /// That region reads that log. Requires: before any wait.
  void add_reader(const std::string& log, const std::string& region);
  /// The region's stages have taken in everything before `next`.
  void processed(const std::string& log, const std::string& region, Partition partition, Offset next);

  using Done = std::function<void()>;
  /// Calls `done` once everything before `next` of each given partition is taken in, or `expire` passes the deadline.
  void wait(const std::string& log, std::vector<std::pair<Partition, Offset>> next, int64_t deadline_nanos, Done done);
  /// Ends the waits whose deadline is over.
  void expire(int64_t now_nanos);

 private:
  struct Wait {
    std::string log;
    std::vector<std::pair<Partition, Offset>> next;
    int64_t deadline_nanos;
    Done done;
  };
  bool is_over(const Wait& wait) const;  // requires the lock
  template <class Over>
  void end(const Over& over);

  std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::map<Partition, Offset>>> taken_in_;  // by log and region
  std::vector<Wait> waits_;
};

}  // namespace penstock
