#include <catch2/catch.hpp>

#include "tests/simulation/simulated_node.h"
#include "tests/support/plan_of.h"

namespace penstock {
namespace {

using simulation::SimulatedNode;
using testing::plan_of;

// What surrounds a simulated node without clients and faults.
struct Around {
  simulation::Trace trace;
  simulation::FaultCounts counts;
  const std::vector<simulation::Request> no_requests;
  simulation::Clients clients{no_requests, trace, counts};
  MemoryStore store{{.synchronous = true}};
};

constexpr uint64_t kEvents = 60'000;

uint64_t taken(const MemoryStore& store) { return store.range("shop", Partition(0))->next.value(); }
uint64_t held(const MemoryStore& store) { return store.range("shop", Partition(0))->bytes; }

topology::Plan plan() {
  return plan_of("name: t\nsources: {shop: {type: synthetic, users: 30, items: 12, events: " + std::to_string(kEvents) +
                 ", max_bytes: 1KiB, retain_for: 1s}}\n");
}

TEST_CASE("a source whose log is full pauses, and goes on where it stopped when there is room") {
  const topology::Plan planned = plan();
  Around around;
  MemoryStore& store = around.store;
  SimulatedNode node(planned, store, store, {}, {.seed = 3, .source_read_bytes = Bytes{1 << 20}}, around.clients,
                     around.trace, around.counts);
  for (int round = 0; taken(store) < kEvents; ++round) {
    REQUIRE(round < 100);
    const uint64_t before = taken(store);
    while (taken(store) == before && node.run(10)) {
    }
    node.run(200);
    if (taken(store) == kEvents)
      break;
    const uint64_t now = taken(store);
    CHECK(now - before < kEvents / 2);
    CHECK(held(store) > 0);
    REQUIRE(node.run(2000));
    CHECK(taken(store) == now);
    const ComponentStatus status = node.runtime().board.get("shop");
    CHECK(status.state == "paused");
    CHECK_THAT(status.message, Catch::Contains("the log shop is full") && Catch::Contains("max_bytes is 1KiB"));
    REQUIRE(store.retain({INT64_MAX / 2}).ok());
    CHECK(held(store) == 0);
  }
  CHECK(taken(store) == kEvents);
}

TEST_CASE("a source pauses while the node's memory budget is used up") {
  const topology::Plan planned = plan_of("name: t\nsources: {shop: {type: synthetic, events: 100}}\n");
  Around around;
  MemoryStore& store = around.store;
  SimulatedNode node(planned, store, store, {}, {.seed = 3, .memory_budget = Bytes{1 << 20}}, around.clients,
                     around.trace, around.counts);
  node.runtime().memory.set("state.big", 2 << 20);
  REQUIRE(node.run(1000));
  CHECK(taken(store) == 0);
  CHECK(node.runtime().board.get("shop").state == "paused");
  node.runtime().memory.set("state.big", 0);
  while (node.run(1000)) {
  }
  CHECK(taken(store) == 100);
  CHECK(node.runtime().board.get("shop").state == "finished");
}

TEST_CASE("a source whose commit is refused for want of room is paused, and skips nothing") {
  const topology::Plan planned = plan_of("name: t\nsources: {shop: {type: synthetic, events: 100}}\n");
  Around around;
  MemoryStore& store = around.store;
  SimulatedNode node(planned, store, store, {}, {.seed = 3}, around.clients, around.trace, around.counts);
  store.refuse_commits(resource_exhausted("the disk is full"));
  REQUIRE(node.run(1000));
  CHECK(node.runtime().board.get("shop").state == "paused");
  CHECK(node.runtime().board.get("shop").message == "the disk is full");
  store.refuse_commits(ok());
  while (node.run(1000)) {
  }
  CHECK(taken(store) == 100);
}

}  // namespace
}  // namespace penstock
