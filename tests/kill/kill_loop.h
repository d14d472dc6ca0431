// The proof by death: the real program is killed (SIGKILL) again and again, at random moments and at chosen ones, while
// clients post to it, a model trains, a job makes a view anew, backups are written and sinks deliver. In the end nothing that
// was acknowledged is missing, and nothing is counted or delivered twice where that is promised.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace penstock::kill {

struct LoopOptions {
  std::string binary;
  int kills = 10;
  uint64_t seed = 1;
  int clients = 4;
  std::ostream* progress = nullptr;  // a line for each kill
};

struct LoopResult {
  std::vector<std::string> mistakes;  // what was lost, doubled or broken; empty if all is right
  std::map<std::string, int> deaths;  // by what the node was doing
  int64_t issued = 0;
  uint64_t acknowledged = 0, stored = 0;
  uint64_t requests = 0, repeats = 0;          // posted, and those of them that were posted before
  uint64_t delivered = 0, delivered_ids = 0;   // rows that the receiver got, and different ones
  uint64_t backups = 0;                        // finished, restored and checked
  uint64_t batch_runs = 0;                     // of the view that jobs make anew; the last one proves it right
  double longest_start = 0, median_start = 0;  // seconds from start to ready
};

LoopResult run_kill_loop(const LoopOptions& options);

/// One line.
std::string summary(const LoopResult& result);

/// Fills a store with `events` orders, kills the node and starts it again `times` times: seconds from start to ready.
std::vector<double> measure_starts(const std::string& binary, int64_t events, int times);

}  // namespace penstock::kill
