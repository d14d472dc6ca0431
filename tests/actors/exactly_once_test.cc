#include <catch2/catch.hpp>

#include "tests/actors/simulated_node.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

// Three regions, an exchange, a log between stages, a model's histories.
topology::Plan plan_with(int workers, const std::string& memory = "1GiB") {
  return plan_of(R"(
name: simulated
sources:
  shop: {type: synthetic, users: 30, items: 12, vendors: 3, categories: 3, events: 600, seed: 5, partitions: 2}
stages:
  bought: {type: filter, input: shop, where: event = 'purchase'}
  per_item:
    type: reduce
    input: shop
    group_by: [item_id]
    aggregates: {events: count(*), pieces: sum(quantity), users: count(distinct user_id)}
    memory: )" + memory +
                 R"(
    workers: )" + std::to_string(workers) +
                 R"(
  per_vendor: {type: reduce, input: bought, group_by: [vendor], aggregates: {purchases: count(*)}}
models:
  taste: {type: popularity, input: bought, user: user_id, item: item_id, memory: )" +
                 memory + "}\n");
}

struct Outcome {
  std::string contents;
  uint64_t restarts = 0;
};

Outcome run_to_the_end(const topology::Plan& plan, SimulationOptions options, size_t process_crashes) {
  MemoryStore store({.synchronous = true});
  Random random(options.seed ^ 0x5eed);
  Outcome outcome;
  for (size_t life = 0; life < process_crashes; ++life) {
    SimulatedNode node(plan, store, options);
    node.run(50 + random.below(400));
    outcome.restarts += node.restarts();
    options.seed += 1000;
  }
  options.actor_crashes /= 4;
  {
    SimulatedNode node(plan, store, options);
    size_t rounds = 0;
    while (node.run(1000))
      REQUIRE(++rounds < 1000);
    outcome.restarts += node.restarts();
  }
  outcome.contents = contents(store, plan);
  return outcome;
}

}  // namespace

TEST_CASE("a run without faults takes every event in once, whatever the order of the actors") {
  const topology::Plan plan = plan_with(2);
  const std::string expected = run_to_the_end(plan, {.seed = 1}, 0).contents;
  CHECK(expected.size() > 10'000);
  for (uint64_t seed = 2; seed < 12; ++seed)
    CHECK(run_to_the_end(plan, {.seed = seed}, 0).contents == expected);
}

TEST_CASE("crashes of actors and of the process change nothing in the result") {
  const topology::Plan plan = plan_with(2);
  const std::string expected = run_to_the_end(plan, {.seed = 1}, 0).contents;
  uint64_t restarts = 0;
  for (uint64_t seed = 100; seed < 160; ++seed) {
    INFO("seed " << seed);
    const Outcome outcome = run_to_the_end(plan, {.seed = seed, .actor_crashes = 0.01}, seed % 4);
    CHECK(outcome.contents == expected);
    restarts += outcome.restarts;
  }
  CHECK(restarts > 100);
}

TEST_CASE("crashes change nothing in the result where state spills at every epoch") {
  const std::string expected = run_to_the_end(plan_with(2), {.seed = 1}, 0).contents;
  const topology::Plan tight = plan_with(2, "1KiB");
  uint64_t restarts = 0;
  for (uint64_t seed = 400; seed < 440; ++seed) {
    INFO("seed " << seed);
    const double crashes = seed % 3 == 0 ? 0 : 0.01;
    const Outcome outcome = run_to_the_end(tight, {.seed = seed, .actor_crashes = crashes}, seed % 4);
    CHECK(outcome.contents == expected);
    restarts += outcome.restarts;
  }
  CHECK(restarts > 20);
}

TEST_CASE("refused commits change nothing in the result") {
  const topology::Plan plan = plan_with(2);
  const std::string expected = run_to_the_end(plan, {.seed = 1}, 0).contents;
  uint64_t restarts = 0;
  for (uint64_t seed = 200; seed < 230; ++seed) {
    INFO("seed " << seed);
    const Outcome outcome = run_to_the_end(plan, {.seed = seed, .refused_commits = 0.02}, seed % 2);
    CHECK(outcome.contents == expected);
    restarts += outcome.restarts;
  }
  CHECK(restarts > 30);
}

TEST_CASE("the result is the same with one, two and three workers, and when their number changes at a restart") {
  const topology::Plan plans[] = {plan_with(1), plan_with(2), plan_with(3)};
  const std::string expected = run_to_the_end(plans[0], {.seed = 1}, 0).contents;
  for (uint64_t seed = 300; seed < 310; ++seed) {
    INFO("seed " << seed);
    MemoryStore store({.synchronous = true});
    for (size_t life = 0; life < 4; ++life) {
      SimulatedNode node(plans[(seed + life) % 3], store, {.seed = seed * 10 + life, .actor_crashes = 0.002});
      node.run(life < 3 ? 300 : 1'000'000);
    }
    CHECK(contents(store, plans[0]) == expected);
  }
}
