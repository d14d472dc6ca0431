// Buffers between stages: what comes out is what comes out without crashes.
#include <catch2/catch.hpp>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

void prove(Simulation& simulation, const Workload& workload, uint64_t from) {
  for (uint64_t seed = from; seed < from + 30; ++seed) {
    INFO("seed " << seed);
    CHECK(simulation.run(workload, lives_of(seed), seed).difference == "");
  }
}

}  // namespace

// A buffer whose rows also come round it: the region before it and the one behind it are one, which reads the log that it
// fills. (The reader and the buffer once both answered for the edge behind it, and rows were lost.)
TEST_CASE("a region may read the log that a buffer of its own fills") {
  Generated generated;
  generated.text = "name: simulated\nschemas:\n  " + std::string(kEventSchema) + R"(
sources:
  events: {type: file, path: in/events.jsonl, schema: event, event_time: at, partitions: 2}
stages:
  bought: {type: filter, input: events, where: kind = 'buy'}
  waiting: {type: buffer, input: bought}
  both: {type: union, inputs: [bought, waiting]}
  counted: {type: reduce, input: both, group_by: [item], aggregates: {n: count(*)}, workers: {WORKERS}}
sinks:
  out: {type: file, input: both, path: out/both.jsonl}
)";
  for (int64_t id = 0; id < 120; ++id)
    generated.inputs["events.jsonl"] +=
        to_line({id, "u1", id % 5, id % 2 == 0 ? "buy" : "view", 1, 1.5, 1'700'000'000'000'000 + id});
  const FastFolder folder;
  Simulation simulation(folder.path());
  const Workload workload = simulation.prepare(generated);
  CHECK(workload.expected.at("log waiting").size() == 60);
  CHECK(workload.expected.at("log both").size() == 120);
  prove(simulation, workload, 0);
}

// Records that are wrong, a buffer fused with a stage, one alone, two regions behind one of them.
TEST_CASE("what goes through buffers is the same whatever crashes, and in whatever order actors run") {
  Generated generated;
  generated.text = R"(
name: buffered
sources:
  shop: {type: synthetic, users: 30, items: 12, vendors: 3, categories: 3, events: 600, seed: 5, partitions: 2}
stages:
  clean: {type: validate, input: shop, columns: {quantity: {at_most: 2}, event: {one_of: [view, purchase]}}}
  waiting: {type: buffer, input: clean}
  again: {type: buffer, input: waiting}
  per_item: {type: reduce, input: again, group_by: [item_id], aggregates: {events: count(*)}, workers: {WORKERS}}
  per_vendor: {type: reduce, input: waiting, group_by: [vendor], aggregates: {pieces: sum(quantity)}}
)";
  const FastFolder folder;
  Simulation simulation(folder.path());
  const Workload workload = simulation.prepare(generated);
  CHECK(workload.expected.at("log again").size() > 100);
  CHECK(workload.expected.at("dead letters").size() > 50);
  prove(simulation, workload, 100);
}
