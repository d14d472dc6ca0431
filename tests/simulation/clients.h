// The clients of a simulated node: they send requests, several at a time, some of them twice, and send again what was not
// answered, through all deaths of the process; and they know what they were promised. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/sources/ingest.h"
#include "actors/supervision/runtime.h"
#include "core/random.h"
#include "tests/simulation/events.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/trace.h"

namespace penstock::simulation {

class Clients {
 public:
  /// All arguments outlive the clients.
  Clients(const std::vector<Request>& requests, Trace& trace, FaultCounts& counts);

  /// A process has started. Requires: disconnected; the runtime lives until then.
  void connect(Runtime& runtime, uint64_t seed);
  /// It has died: what was sent and not answered will never be. Requires: nothing is left that could answer.
  void disconnect();

  bool wants_to_send() const;
  /// Whether something will happen when time passes.
  bool waits() const { return under_way_ > 0 || paused_; }
  /// As after `Retry-After`: those who were refused try again.
  void time_passed() { paused_ = false; }
  void send();
  /// Whether everything was answered as taken.
  bool finished() const { return acknowledged_ == requests_.size(); }

  /// What was promised and is not in the logs, or is there twice; empty: nothing.
  std::string broken_promise(const topology::Plan& plan, const Store& store) const;

 private:
  void answered(uint64_t life, size_t request, const Result<IngestAnswer>& answer);

  const std::vector<Request>& requests_;
  Trace& trace_;
  FaultCounts& counts_;
  std::vector<bool> taken_;  // one a request: whether it was answered so
  std::vector<bool> sent_;   // one a request: under way in this life
  size_t acknowledged_ = 0, under_way_ = 0;
  bool paused_ = false;
  uint64_t life_ = 0;
  Random random_{0};
  Runtime* runtime_ = nullptr;
  std::map<std::string, std::unique_ptr<Ingest>> ingests_;  // by source
};

}  // namespace penstock::simulation
