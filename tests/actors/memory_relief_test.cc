// What happens when the node's memory runs out while nothing comes in: what can be left on disk is, without new input.
#include <catch2/catch.hpp>

#include "tests/simulation/simulated_node.h"
#include "tests/support/plan_of.h"

namespace penstock {
namespace {

using simulation::SimulatedNode;

// What surrounds a simulated node without clients and faults.
struct Around {
  simulation::Trace trace;
  simulation::FaultCounts counts;
  const std::vector<simulation::Request> no_requests;
  simulation::Clients clients{no_requests, trace, counts};
  MemoryStore store{{.synchronous = true}};
};

TEST_CASE("an idle region leaves state on disk when the node's memory runs out, and goes on") {
  const topology::Plan plan = testing::plan_of(
      "name: t\n"
      "sources: {shop: {type: synthetic, users: 15000, items: 500, events: 30000}}\n"
      "stages:\n"
      "  per_user: {type: reduce, input: shop, group_by: [user_id], aggregates: {n: count(*), last: max(event_id), "
      "mean: avg(price), first: min(event_id), kinds: count(distinct event)}}\n");
  Around around;
  SimulatedNode node(plan, around.store, around.store, {},
                     {.seed = 3,
                      .faults = {},
                      .epoch_bytes = Bytes{1 << 20},
                      .source_read_bytes = Bytes{1 << 18},
                      .memory_budget = Bytes{64 << 20}},
                     around.clients, around.trace, around.counts);
  while (node.run(1000)) {
  }
  MemoryBudget& memory = node.runtime().memory;
  const uint64_t held = memory.parts().at("state.per_user");
  REQUIRE(held > 1'200'000);
  memory.set("other", memory.limit());
  while (node.run(1000)) {
  }
  CHECK(memory.parts().at("state.per_user") <= 1 << 20);
  CHECK_FALSE(memory.parts().contains("batch_cache"));
  const auto workers = node.runtime().views.get("per_user");
  REQUIRE(workers.size() == 1);
  CHECK(workers[0]->keys() < workers[0]->read_all(1'000'000).value()->rows());
  memory.set("other", 0);
  CHECK_FALSE(memory.exceeded());
}

TEST_CASE("a region takes its whole input in though the node's memory is used up all the time") {
  const topology::Plan plan = testing::plan_of(
      "name: t\n"
      "sources: {shop: {type: synthetic, users: 100, items: 50, events: 3000}}\n"
      "stages:\n"
      "  per_user: {type: reduce, input: shop, group_by: [user_id], aggregates: {n: count(*)}}\n");
  Around around;
  {
    // The log first: a source takes in nothing where memory is used up.
    const topology::Plan source =
        testing::plan_of("name: t\nsources: {shop: {type: synthetic, users: 100, items: 50, events: 3000}}\n");
    SimulatedNode node(source, around.store, around.store, {}, {.seed = 3, .faults = {}}, around.clients, around.trace,
                       around.counts);
    while (node.run(1000)) {
    }
  }
  SimulatedNode node(plan, around.store, around.store, {}, {.seed = 4, .faults = {}, .memory_budget = Bytes{1 << 20}},
                     around.clients, around.trace, around.counts);
  node.runtime().memory.set("other", 2 << 20);
  for (int round = 0; round < 50; ++round)
    node.run(1000);
  CHECK(around.store.position("per_user", "shop", Partition(0)).value() == Offset(3000));
}

}  // namespace
}  // namespace penstock
