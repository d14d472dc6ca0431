// The proof by simulation that nothing is lost and nothing counted twice: a seed chooses a generated topology, the order in
// which its actors run, and everything that goes wrong; what is left in the end must equal what a run without faults leaves.
// The same seed gives the same run, step by step. One thread.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/status.h"
#include "storage/memory_store.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/generate.h"
#include "tests/simulation/outcome.h"
#include "tests/simulation/simulated_node.h"
#include "topology/plan.h"

namespace penstock::simulation {

/// Puts something between the node and its store. Called anew for every life of the process.
using Door = std::function<std::unique_ptr<Store>(MemoryStore& store, uint64_t seed)>;

/// A topology with its input, planned for 1, 2 and 3 workers, and what a run without faults makes of it.
struct Workload {
  uint64_t number = 0;
  std::string text;
  std::vector<topology::Plan> plans;  // by workers - 1
  std::vector<Request> requests;
  Outcome expected;  // empty: not known yet
};

struct RunResult {
  Outcome outcome;
  FaultCounts counts;
  uint64_t trace = 0;      // hash of every step and of the outcome
  std::string difference;  // from what was expected; empty: none
};

/// What is broken on purpose, to show that it is found.
struct Mistakes {
  Door door;                     // between the node and its store
  bool outside_forgets = false;  // files of sinks lose what was synced
};

class Simulation {
 public:
  /// `folder`: an empty one of its own, in memory if speed matters.
  explicit Simulation(std::string folder, Mistakes mistakes = {})
      : folder_(std::move(folder)), mistakes_(std::move(mistakes)) {}

  /// One seed, with its topology and its faults. `print`: where every step is printed, or null.
  RunResult run(uint64_t seed, std::FILE* print = nullptr);

  /// The generated topology of that number.
  const Workload& workload(uint64_t number);
  /// The topology, which must be valid, with its input in the folder, where that of an earlier one is gone.
  Workload prepare(const Generated& generated);

  /// One life of the process: how it runs and how it ends.
  struct Life {
    uint32_t workers = 1;
    NodeOptions options;
    uint64_t steps = 0;  // 0: until nothing is left to do
    bool clean_stop = false;
  };
  /// These lives one after the other, on a store that is empty at first. `seed` decides what is torn between them.
  RunResult run(const Workload& workload, const std::vector<Life>& lives, uint64_t seed, std::FILE* print = nullptr);

 private:
  void tear_files(const topology::Plan& plan, const Store& store, Random& random, Trace& trace, FaultCounts& counts);

  std::string folder_;
  Mistakes mistakes_;
  std::optional<Workload> workload_;  // the one at hand
};

/// The lives that a seed chooses.
std::vector<Simulation::Life> lives_of(uint64_t seed);
/// Consecutive seeds share a topology, which saves planning it and running it without faults.
constexpr uint64_t kSeedsOfTopology = 8;

}  // namespace penstock::simulation
