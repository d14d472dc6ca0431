// The same topology and input give the same result, whatever the parallelism and the size of the batches.
#include <catch2/catch.hpp>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

constexpr uint64_t kBytesOfEvent = 100;  // of a line of input; about

Simulation::Life life(uint32_t workers, uint64_t events, uint64_t seed) {
  Simulation::Life out;
  out.workers = workers;
  out.options.seed = seed;
  out.options.source_read_bytes = Bytes{events * kBytesOfEvent};
  return out;
}

}  // namespace

TEST_CASE("the result is the same bytes with 1, 2 and 3 workers and batches of 1, 7 and 1024 events") {
  const FastFolder folder;
  Simulation simulation(folder.path());
  for (uint64_t number = 0; number < 16; ++number) {
    const Workload& workload = simulation.workload(number);
    for (const uint32_t workers : {1u, 2u, 3u})
      for (const uint64_t events : {1, 7, 1024}) {
        INFO("topology " << number << ", " << workers << " workers, batches of " << events << "\n" << workload.text);
        CHECK(simulation.run(workload, {life(workers, events, number)}, number).difference == "");
      }
  }
}

TEST_CASE("the result is the same bytes when the number of workers and the size of batches change at restarts") {
  const FastFolder folder;
  Simulation simulation(folder.path());
  for (uint64_t number = 0; number < 16; ++number) {
    const Workload& workload = simulation.workload(number);
    std::vector<Simulation::Life> lives = {life(3, 1, 1), life(1, 7, 2), life(2, 1, 3), life(3, 1024, 4)};
    for (size_t i = 0; i + 1 < lives.size(); ++i) {
      lives[i].steps = 150;
      lives[i].clean_stop = i % 2 == 0;
    }
    INFO("topology " << number << "\n" << workload.text);
    CHECK(simulation.run(workload, lives, number).difference == "");
  }
}
