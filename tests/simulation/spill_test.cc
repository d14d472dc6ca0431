// State that does not fit into its memory is left in the table and fetched again: nothing of that shows in the result.
#include <catch2/catch.hpp>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

// Three regions, exchanges, a log between stages, a sort of a view, a model's histories.
Generated shop(const std::string& memory) {
  Generated out;
  out.text = R"(
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
    memory: MEMORY
    workers: {WORKERS}
  ranked: {type: sort, input: per_item, by: [events desc, item_id], limit: 5}
  per_vendor: {type: reduce, input: bought, group_by: [vendor], aggregates: {purchases: count(*)}}
models:
  taste: {type: popularity, input: bought, user: user_id, item: item_id, memory: MEMORY}
)";
  for (size_t at = 0; (at = out.text.find("MEMORY")) != std::string::npos;)
    out.text.replace(at, 6, memory);
  return out;
}

}  // namespace

TEST_CASE("crashes change nothing in the result where state spills at every epoch") {
  const FastFolder folder, other;
  const Outcome expected = Simulation(other.path()).prepare(shop("1GiB")).expected;
  REQUIRE(expected.at("table per_item").size() == 10);
  Simulation simulation(folder.path());
  const Workload tight = simulation.prepare(shop("1KiB"));
  CHECK(first_difference(expected, tight.expected) == "");
  for (uint64_t seed = 400; seed < 440; ++seed) {
    INFO("seed " << seed);
    const RunResult result = simulation.run(tight, lives_of(seed), seed);
    CHECK(result.difference == "");
    CHECK(first_difference(expected, result.outcome) == "");
  }
}
