// A node without threads, clock or disk: actors run one message at a time on CAF's testing scheduler, in an order that a
// seed chooses; the store commits when the seed says so, time passes when it says so, and actors crash when it says so.
// The process dies when the node is destroyed. One thread.
#pragma once

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"
#include "core/random.h"
#include "storage/memory_store.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/trace.h"
#include "topology/plan.h"

namespace penstock::simulation {

struct NodeOptions {
  uint64_t seed = 0;
  FaultRates faults = {};
  uint64_t faulty_steps = UINT64_MAX;  // after so many the faults cease
  double store_weight = 1;             // how likely the next step is a commit, against the step of one actor
  bool by_priority = false;            // actors have priorities, changed now and then, so that some starve for long
  Bytes epoch_bytes{4096};
  uint32_t in_flight_epochs = 4;
  Bytes source_read_bytes{1024};
  Bytes memory_budget{0};    // 0: none
  double client_weight = 1;  // how likely the next step is a request
  // Crashes come at random here, and must not be laid to records that had nothing to do with them; and receivers refuse
  // some rows for good, which may stand one behind the other.
  IsolationLimits isolation{.failures = 3, .single_failures = 6, .set_aside_in_row = 1000};
};

/// The clock of the simulated machine: goes with the scheduler's, from where the last life of the node left it.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Timestamp begin) : begin_(begin) {}
  Timestamp now() const override { return {begin_.micros + monotonic_nanos() / 1000}; }
  int64_t monotonic_nanos() const override;
  void follow(caf::scheduler::test_coordinator* scheduler) { scheduler_ = scheduler; }

 private:
  Timestamp begin_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
};

class SimulatedNode {
 public:
  /// Starts the node on what the store holds. `memory` queues and steps the commits; `door` is what the node commits to:
  /// `memory` itself, or something before it. All arguments outlive the node.
  SimulatedNode(const topology::Plan& plan, MemoryStore& memory, Store& door, Timestamp begin, NodeOptions options,
                Clients& clients, Trace& trace, FaultCounts& counts);
  /// The process dies: whatever was not committed is gone.
  ~SimulatedNode();

  /// Up to `steps` steps, or until nothing is left to do. False: nothing is left, or the process has died by itself.
  bool run(uint64_t steps);
  /// Asks everything to finish what it began, in flow order; then up to `steps` steps.
  void stop(uint64_t steps);

  Runtime& runtime() { return *runtime_; }
  Timestamp now() const { return clock_.now(); }
  uint64_t restarts() const;

 private:
  struct Part {
    caf::actor supervisor;
    std::shared_ptr<std::vector<caf::actor>> workers;  // those of now
  };
  using PartPtr = std::shared_ptr<Part>;

  Supervised observed(Supervised supervised);
  void crash_an_actor();
  size_t choose_job();
  void run_job(size_t choice);
  void commit();
  void let_time_pass(const char* why);
  bool next_step(double early_timer);
  const std::string& label(uint64_t actor) const;

  MemoryStore& memory_;
  NodeOptions options_;
  Clients& clients_;
  Trace& trace_;
  FaultCounts& counts_;
  Random random_;
  uint64_t priorities_ = 0, steps_ = 0;
  SimulatedClock clock_;
  std::unique_ptr<monitoring::Monitor> monitor_;
  std::unique_ptr<Runtime> runtime_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  caf::actor root_;
  std::vector<PartPtr> parts_;
  std::shared_ptr<std::map<uint64_t, std::string>> labels_ = std::make_shared<std::map<uint64_t, std::string>>();
};

}  // namespace penstock::simulation
