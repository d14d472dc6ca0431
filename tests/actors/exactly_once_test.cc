#include <catch2/catch.hpp>

#include "tests/actors/simulated_node.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

// Two regions, an exchange to two workers, a log between stages, a model's histories.
constexpr const char* kTopology = R"(
name: simulated
sources:
  shop: {type: synthetic, users: 30, items: 12, vendors: 3, categories: 3, events: 600, seed: 5}
stages:
  bought: {type: filter, input: shop, where: event = 'purchase'}
  per_item:
    type: reduce
    input: shop
    group_by: [item_id]
    aggregates: {events: count(*), pieces: sum(quantity), users: count(distinct user_id)}
    workers: 2
  per_vendor: {type: reduce, input: bought, group_by: [vendor], aggregates: {purchases: count(*)}}
models:
  taste: {type: popularity, input: bought, user: user_id, item: item_id}
)";

std::string run_to_the_end(const topology::Plan& plan, SimulationOptions options, size_t process_crashes) {
  MemoryStore store({.synchronous = true});
  Random random(options.seed ^ 0x5eed);
  for (size_t life = 0; life < process_crashes; ++life) {
    SimulatedNode node(plan, store, options);
    node.run(50 + random.below(400));
    options.seed += 1000;
  }
  options.actor_crashes /= 4;
  {
    SimulatedNode node(plan, store, options);
    size_t rounds = 0;
    while (node.run(1000))
      REQUIRE(++rounds < 1000);
  }
  return contents(store, plan);
}

}  // namespace

TEST_CASE("a run without faults takes every event in once, whatever the order of the actors") {
  const topology::Plan plan = plan_of(kTopology);
  const std::string expected = run_to_the_end(plan, {.seed = 1}, 0);
  CHECK(expected.size() > 10'000);
  for (uint64_t seed = 2; seed < 12; ++seed)
    CHECK(run_to_the_end(plan, {.seed = seed}, 0) == expected);
}

TEST_CASE("crashes of actors and of the process change nothing in the result") {
  const topology::Plan plan = plan_of(kTopology);
  const std::string expected = run_to_the_end(plan, {.seed = 1}, 0);
  for (uint64_t seed = 100; seed < 160; ++seed) {
    INFO("seed " << seed);
    CHECK(run_to_the_end(plan, {.seed = seed, .actor_crashes = 0.01}, seed % 4) == expected);
  }
}

TEST_CASE("refused commits change nothing in the result") {
  const topology::Plan plan = plan_of(kTopology);
  const std::string expected = run_to_the_end(plan, {.seed = 1}, 0);
  for (uint64_t seed = 200; seed < 230; ++seed) {
    INFO("seed " << seed);
    CHECK(run_to_the_end(plan, {.seed = seed, .refused_commits = 0.02}, seed % 2) == expected);
  }
}
