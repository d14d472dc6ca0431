// Operators with features and limits: what they tell is what they tell without crashes, with any number of workers.
#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

constexpr int64_t kBegin = 1'700'000'000'000'000;

Generated feature_topology(const std::string& memory) {
  Generated generated;
  generated.text = "name: simulated\nschemas:\n  " + std::string(kEventSchema) + R"(
sources:
  events: {type: file, path: in/events.jsonl, schema: event, event_time: at, partitions: 1}
  shown: {type: file, path: in/shown.jsonl, schema: event, event_time: at, partitions: 1}
stages:
  told:
    type: features
    input: events
    key: [user]
    time: at
    features: {n: count(*), items: count_by(item), spent: sum(price) FILTER (WHERE kind = 'buy'), lately: {value: count(*), within: 20s}, last: last(kind)}
    ttl: 40s
    history: 30s
    workers: {WORKERS}
    memory: MEMORY
  seen: {type: enrich, input: shown, features: told, key: [user], time: at, idle_timeout: 1h, history: 10m, workers: {WORKERS}, memory: MEMORY}
  by_id: {type: reduce, input: seen, group_by: [id], aggregates: {rows: count(*), n: max(n), spent: max(spent), lately: max(lately), last: max(last)}}
  calm: {type: rate_limit, input: events, time: at, rows: 1, per: 15s, by: [user], workers: {WORKERS}, memory: MEMORY}
  passed: {type: reduce, input: calm, group_by: [id], aggregates: {rows: count(*)}}
  stopped: {type: reduce, input: calm.limited, group_by: [id], aggregates: {rows: count(*)}}
  parted: {type: route, input: shown, routes: {buys: kind = 'buy', carts: kind = 'cart' AND 10 / item > 2}}
  again: {type: sample, input: parted.buys, fraction: 0.5}
  sampled: {type: reduce, input: again, group_by: [id], aggregates: {rows: count(*)}}
sinks:
  carts: {type: file, input: parted.carts, path: out/carts.jsonl}
)";
  for (size_t at = 0; (at = generated.text.find("MEMORY")) != std::string::npos;)
    generated.text.replace(at, 6, memory);
  Random random(7);
  for (const char* file : {"events.jsonl", "shown.jsonl"}) {
    int64_t now = kBegin;
    for (int64_t id = 0; id < 150; ++id) {
      now += static_cast<int64_t>(random.below(3'000'000));
      const char* const kinds[] = {"view", "cart", "buy"};
      generated.inputs[file] +=
          to_line({id, "u" + std::to_string(random.below(9)), static_cast<int64_t>(random.below(5)),
                   kinds[random.below(3)], 1, static_cast<double>(random.below(100)), now});
    }
    // Of nobody, so that the time of both goes on to the same end.
    generated.inputs[file] += to_line({1000, "nobody", 1, "view", 1, 1.5, kBegin + 600'000'000});
  }
  return generated;
}

}  // namespace

TEST_CASE("crashes change nothing in what features tell, what rows are given of them, and what a limit lets pass") {
  const FastFolder folder;
  Simulation simulation(folder.path());
  const Workload workload = simulation.prepare(feature_topology("1GiB"));
  CHECK(workload.expected.at("view by_id").size() == 151);
  CHECK(workload.expected.at("view passed").size() + workload.expected.at("view stopped").size() == 151);
  CHECK(workload.expected.at("view stopped").size() > 5);
  CHECK(workload.expected.at("view sampled").size() > 10);
  CHECK(workload.expected.at("dead letters").size() > 3);
  CHECK(workload.expected.at("log parted.carts").size() > 10);
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    CHECK(simulation.run(workload, lives_of(seed), seed).difference == "");
  }
}

TEST_CASE("features and limits that do not fit into memory are the same, whatever crashes") {
  const FastFolder folder, other;
  const Outcome roomy = Simulation(other.path()).prepare(feature_topology("1GiB")).expected;
  Simulation simulation(folder.path());
  const Workload tight = simulation.prepare(feature_topology("1KiB"));
  for (const std::string view : {"view told", "view by_id", "view passed", "view stopped"})
    CHECK(tight.expected.at(view) == roomy.at(view));
  for (uint64_t seed = 300; seed < 330; ++seed) {
    INFO("seed " << seed);
    CHECK(simulation.run(tight, lives_of(seed), seed).difference == "");
  }
}
