// A node without threads, clock or disk: actors run one message at a time on CAF's testing scheduler, in an order that a
// seed chooses; the store commits when the seed says so; actors and the whole process crash when it says so.
#pragma once

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <memory>
#include <string>
#include <vector>

#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"
#include "core/random.h"
#include "storage/memory_store.h"
#include "topology/plan.h"

namespace penstock::testing {

struct SimulationOptions {
  uint64_t seed = 0;
  double actor_crashes = 0;    // chance of one before a step
  double refused_commits = 0;  // chance that the next commit is refused
  Bytes memory_budget = {};    // none
};

/// The plan of a topology given as text. Requires: it has no mistakes.
topology::Plan plan_of(const std::string& text);

class SimulatedNode {
 public:
  /// Starts the node on what the store holds. The plan and the store outlive it.
  SimulatedNode(const topology::Plan& plan, MemoryStore& store, SimulationOptions options);
  /// The process dies: whatever was not committed is gone.
  ~SimulatedNode();

  /// Up to `steps` steps, or until nothing is left to do. False: nothing is left.
  bool run(size_t steps);
  uint64_t restarts() const;
  Runtime& runtime() { return *runtime_; }

 private:
  void start(Supervised supervised);
  void crash_an_actor();

  MemoryStore& store_;
  SimulationOptions options_;
  Random random_;
  ManualClock clock_;
  std::unique_ptr<monitoring::Monitor> monitor_;
  std::unique_ptr<Runtime> runtime_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  std::vector<caf::actor> supervisors_;
  std::shared_ptr<std::vector<caf::actor>> workers_ = std::make_shared<std::vector<caf::actor>>();
};

/// Everything that a run leaves behind, as text: tables, logs row by row (in order of the rows' text, since partitions
/// and workers may interleave), positions left out.
std::string contents(const MemoryStore& store, const topology::Plan& plan);

}  // namespace penstock::testing
