// Buffers between stages, with crashes of actors and of the process: what comes out is what comes out without them.
#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/actors/simulated_node.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

// Records that are wrong, a buffer fused with a stage, one alone, two regions behind one of them.
const topology::Plan& plan() {
  static const topology::Plan plan = plan_of(R"(
name: buffered
sources:
  shop: {type: synthetic, users: 30, items: 12, vendors: 3, categories: 3, events: 600, seed: 5, partitions: 2}
stages:
  clean: {type: validate, input: shop, columns: {quantity: {at_most: 2}, event: {one_of: [view, purchase]}}}
  waiting: {type: buffer, input: clean}
  again: {type: buffer, input: waiting}
  per_item: {type: reduce, input: again, group_by: [item_id], aggregates: {events: count(*)}, workers: 2}
  per_vendor: {type: reduce, input: waiting, group_by: [vendor], aggregates: {pieces: sum(quantity)}}
)");
  return plan;
}

std::string run_to_the_end(SimulationOptions options, size_t process_crashes) {
  MemoryStore store({.synchronous = true});
  Random random(options.seed ^ 0x5eed);
  for (size_t life = 0; life < process_crashes; ++life, options.seed += 1000) {
    SimulatedNode node(plan(), store, options);
    node.run(50 + random.below(400));
  }
  options.actor_crashes /= 4;
  SimulatedNode node(plan(), store, options);
  for (size_t rounds = 0; node.run(1000); ++rounds)
    REQUIRE(rounds < 1000);
  return contents(store, plan());
}

}  // namespace

TEST_CASE("what goes through buffers is the same whatever crashes, and in whatever order actors run") {
  const std::string expected = run_to_the_end({.seed = 1}, 0);
  REQUIRE(expected.find("log again\n{") != std::string::npos);
  for (uint64_t seed = 100; seed < 120; ++seed) {
    INFO("seed " << seed);
    CHECK(run_to_the_end({.seed = seed, .actor_crashes = 0.01, .refused_commits = 0.01}, seed % 4) == expected);
  }
}
