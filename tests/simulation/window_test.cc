// Windows over event time: whatever crashes when, each window is handed on once, and says what it says without crashes.
#include <catch2/catch.hpp>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

// All kinds of windows, with an exchange before them, and logs behind them that hold each row they hand on.
Generated shop(const std::string& memory) {
  Generated out;
  out.text = R"(
name: simulated
sources:
  shop: {type: synthetic, users: 30, items: 12, vendors: 3, categories: 3, events: 600, seed: 5, partitions: 2, key: user_id, interval: 10s}
stages:
  per_item:
    type: window
    input: shop
    time: at
    every: 5m
    group_by: [item_id]
    aggregates: {events: count(*), pieces: sum(quantity), users: count(distinct user_id)}
    allowed_lateness: 20m
    retain: 20m
    memory: MEMORY
    workers: {WORKERS}
  sliding:
    type: window
    input: shop
    time: at
    size: 10m
    slide: 4m
    group_by: [vendor]
    aggregates: {purchases: count(*) FILTER (WHERE event <> 'view'), last: last(event_id ORDER BY at)}
    allowed_lateness: 20m
    memory: MEMORY
    workers: {WORKERS}
  visits:
    type: window
    input: shop
    time: at
    session_gap: 3m
    group_by: [user_id]
    aggregates: {events: count(*), 'first': first(event_id ORDER BY at)}
    allowed_lateness: 20m
    memory: MEMORY
    workers: {WORKERS}
  busiest: {type: reduce, input: sliding, group_by: [window_start], aggregates: {most: max(purchases), all: sum(purchases)}}
  item_windows: {type: buffer, input: per_item}
  sliding_windows: {type: buffer, input: sliding}
  over: {type: buffer, input: visits}
  late_visits: {type: buffer, input: visits.late}
  tops: {type: reduce, input: item_windows, aggregates: {n: count(*)}}
  slides: {type: reduce, input: sliding_windows, aggregates: {n: count(*)}}
  visitors: {type: reduce, input: over, group_by: [user_id], aggregates: {visits: count(*)}}
  latecomers: {type: reduce, input: late_visits, aggregates: {n: count(*)}}
)";
  for (size_t at = 0; (at = out.text.find("MEMORY")) != std::string::npos;)
    out.text.replace(at, 6, memory);
  return out;
}

}  // namespace

TEST_CASE("crashes change nothing in windows, with all state in memory or hardly any") {
  const FastFolder folder, other;
  const Outcome expected = Simulation(other.path()).prepare(shop("1GiB")).expected;
  REQUIRE(expected.at("log item_windows").size() > 50);
  REQUIRE(expected.at("log sliding_windows").size() > 10);
  REQUIRE(expected.at("log over").size() > 30);
  CHECK(expected.at("log late_visits").empty());
  Simulation simulation(folder.path());
  for (const std::string memory : {"1GiB", "1KiB"}) {
    const Workload workload = simulation.prepare(shop(memory));
    CHECK(first_difference(expected, workload.expected) == "");
    for (uint64_t seed = 900; seed < 930; ++seed) {
      INFO("memory " << memory << ", seed " << seed);
      const RunResult result = simulation.run(workload, lives_of(seed), seed);
      CHECK(result.difference == "");
    }
  }
}
