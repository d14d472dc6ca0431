// A buffer whose rows also come round it: the region before it and the one behind it are one, which reads the log that it
// fills. (The reader and the buffer once both answered for the edge behind it, and rows were lost.)
#include <catch2/catch.hpp>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

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
  for (uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    const RunResult result = simulation.run(workload, lives_of(seed), seed);
    CHECK(result.difference == "");
    CHECK(first_difference(workload.expected, result.outcome) == "");
  }
}
