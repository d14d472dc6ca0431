// The proof by simulation; scripts/simulate.sh runs the same with many more seeds, in the release build.
#include "tests/simulation/simulation.h"

#include <catch2/catch.hpp>

#include "tests/simulation/fast_folder.h"

using namespace penstock;
using namespace penstock::simulation;

TEST_CASE("whatever crashes, is refused or lost on the way, everything is there once in the end") {
  const FastFolder folder;
  Simulation simulation(folder.path());
  FaultCounts counts;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const RunResult result = simulation.run(seed);
    INFO("seed " << seed << ": scripts/simulate.sh --seeds 1 --from " << seed << " --trace\n" << result.difference);
    CHECK(result.difference.empty());
    counts += result.counts;
  }
  WARN(counts.to_string());
  CHECK(counts.actor_crashes > 1000);
  CHECK(counts.restarts > 1000);
  CHECK(counts.refused_commits > 300);
  CHECK(counts.process_deaths > 300);
  CHECK(counts.lost_commits > 200);
  CHECK(counts.clean_stops > 50);
  CHECK(counts.torn_files > 100);
  CHECK(counts.early_timers > 1000);
  CHECK(counts.set_aside > 20);
  CHECK(counts.repeated_requests > 300);
  CHECK(counts.lost_answers > 200);
  CHECK(counts.receiver_refusals > 300);
}

TEST_CASE("a seed replays exactly, step by step") {
  const FastFolder folder, other;
  Simulation first(folder.path()), second(other.path());
  for (uint64_t seed = 1000; seed < 1016; ++seed) {
    INFO("seed " << seed);
    const RunResult result = first.run(seed);
    CHECK(result.trace == second.run(seed).trace);
    CHECK(result.trace == first.run(seed).trace);
  }
  CHECK(first.run(1000).trace != first.run(1001).trace);
}
