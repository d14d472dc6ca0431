// Load on an HTTP server of this machine: so many kept connections, each sending the next request as soon as its answer is
// there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace penstock::bench {

struct LoadReport {
  uint64_t answers = 0;
  uint64_t failures = 0;  // answers other than 200, broken connections
  double seconds = 0;
  double client_cpu_seconds = 0;
  std::vector<float> latencies;  // seconds, ascending

  double rate() const { return static_cast<double>(answers) / seconds; }
  double percentile(double p) const;
};

/// Runs on the caller's thread. `target` gives the target of the i-th request.
LoadReport put_load(uint16_t port, int connections, double seconds,
                    const std::function<std::string(uint64_t i)>& target);

}  // namespace penstock::bench
