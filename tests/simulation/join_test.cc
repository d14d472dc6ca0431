// Joins: what they give is what they give without crashes, with any number of workers, in memory or not.
#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

constexpr int64_t kBegin = 1'700'000'000'000'000;

Generated joined(const std::string& memory) {
  Generated generated;
  generated.text = "name: simulated\nschemas:\n  " + std::string(kEventSchema) + R"(
sources:
  orders: {type: file, path: in/orders.jsonl, schema: event, event_time: at}
  paid: {type: file, path: in/paid.jsonl, schema: event, event_time: at}
  people: {type: file, path: in/people.jsonl, schema: event, event_time: at}
stages:
  pairs: {type: join, inputs: [orders, paid], by: [user, item], within: 10s, time: at, kind: left, allowed_lateness: 5s, workers: {WORKERS}, memory: MEMORY, select: {id: id, other: paid_id, sum: price + paid_price}}
  all_pairs: {type: reduce, input: pairs, group_by: [id, other], aggregates: {n: count(*), sum: max(sum)}}
  late: {type: reduce, input: pairs.late, group_by: [id], aggregates: {n: count(*)}}
  priced: {type: join, inputs: [orders, paid], by: [item], table: as_of, time: at, wait: 24h, allowed_lateness: 5s, deleted: kind = 'cart', workers: {WORKERS}, memory: MEMORY, select: {id: id, price: paid_price}}
  prices: {type: reduce, input: priced, group_by: [id], aggregates: {n: count(*), price: max(price)}}
  newest: {type: reduce, input: people, group_by: [user], aggregates: {name: min(kind)}, workers: {WORKERS}}
  named: {type: join, inputs: [orders, newest], by: [user], table: current, wait: 24h, workers: {WORKERS}, memory: MEMORY}
  names: {type: reduce, input: named, group_by: [id], aggregates: {n: count(*), name: max(name)}}
)";
  for (size_t at = 0; (at = generated.text.find("MEMORY")) != std::string::npos;)
    generated.text.replace(at, 6, memory);
  Random random(11);
  const char* const kinds[] = {"view", "buy", "buy", "cart"};
  for (const char* file : {"orders.jsonl", "paid.jsonl"}) {
    int64_t now = kBegin;
    for (int64_t id = 0; id < 150; ++id) {
      now += static_cast<int64_t>(random.below(2'000'000));
      const int64_t back = static_cast<int64_t>(random.below(4'000'000));
      generated.inputs[file] +=
          to_line({id, "u" + std::to_string(random.below(6)), static_cast<int64_t>(random.below(4)),
                   kinds[random.below(4)], 1, static_cast<double>(random.below(100)), now - back});
    }
    // Of nobody, so that time goes on behind all others; later on the right, so that no row waits for ever.
    const int64_t end = std::string(file) == "paid.jsonl" ? 1'000'000'000 : 900'000'000;
    generated.inputs[file] += to_line({1000, "nobody", 77, "view", 1, 1.5, kBegin + end});
  }
  for (const std::string user : {"u0", "u1", "u2", "u3", "u4", "u5", "nobody"})
    generated.inputs["people.jsonl"] += to_line({0, user, 0, "name of " + user, 1, 1.5, kBegin});
  return generated;
}

}  // namespace

TEST_CASE("crashes change nothing in what joins give") {
  const FastFolder folder;
  Simulation simulation(folder.path());
  const Workload workload = simulation.prepare(joined("1GiB"));
  CHECK(workload.expected.at("view all_pairs").size() > 150);
  CHECK(workload.expected.at("view late").empty());
  CHECK(workload.expected.at("view prices").size() > 60);
  CHECK(workload.expected.at("view names").size() == 151);
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    CHECK(simulation.run(workload, lives_of(seed), seed).difference == "");
  }
}

TEST_CASE("joins that do not fit into memory give the same, whatever crashes") {
  const FastFolder folder, other;
  const Outcome roomy = Simulation(other.path()).prepare(joined("1GiB")).expected;
  Simulation simulation(folder.path());
  const Workload tight = simulation.prepare(joined("1KiB"));
  CHECK(tight.expected == roomy);
  for (uint64_t seed = 300; seed < 330; ++seed) {
    INFO("seed " << seed);
    CHECK(simulation.run(tight, lives_of(seed), seed).difference == "");
  }
}
