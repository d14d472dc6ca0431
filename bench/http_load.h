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
  uint64_t failures = 0;  // answers other than 200 and 201, broken connections
  double seconds = 0;
  double client_cpu_seconds = 0;
  std::vector<float> latencies;  // seconds, ascending

  double rate() const { return static_cast<double>(answers) / seconds; }
  double percentile(double p) const;
};

/// The text of a request.
std::string get_request(const std::string& target);
std::string post_request(const std::string& target, const std::string& content_type, const std::string& body);

/// Runs on the caller's thread. `request` gives the text of the i-th request. What was sent is waited for at the end.
LoadReport put_load(uint16_t port, int connections, double seconds,
                    const std::function<std::string(uint64_t i)>& request);

}  // namespace penstock::bench
