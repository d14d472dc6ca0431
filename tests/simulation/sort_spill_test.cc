// A sorted view that does not fit into its memory has its order in the table: every crash leaves it whole.
#include <catch2/catch.hpp>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

Generated shop(const std::string& memory) {
  Generated out;
  out.text = R"(
name: simulated
sources:
  shop: {type: synthetic, users: 40, items: 12, vendors: 3, categories: 3, events: 600, seed: 5, partitions: 2}
stages:
  per_user: {type: reduce, input: shop, group_by: [user_id], aggregates: {events: count(*), last: max(event_id)}, workers: {WORKERS}}
  ranked: {type: sort, input: per_user, by: [events desc, user_id], memory: MEMORY}
  first: {type: sort, input: per_user, by: [last desc], limit: 7, memory: MEMORY}
)";
  for (size_t at = 0; (at = out.text.find("MEMORY")) != std::string::npos;)
    out.text.replace(at, 6, memory);
  return out;
}

}  // namespace

TEST_CASE("crashes change nothing in a sorted view whose order moves to the table") {
  const FastFolder folder, other;
  const Outcome roomy = Simulation(other.path()).prepare(shop("1GiB")).expected;
  Simulation simulation(folder.path());
  const Workload tight = simulation.prepare(shop("1KiB"));
  for (const std::string view : {"view ranked", "view first"}) {
    REQUIRE(roomy.at(view).size() >= 7);
    CHECK(tight.expected.at(view) == roomy.at(view));
  }
  CHECK(tight.expected.at("table ranked").size() == 2 * roomy.at("table ranked").size() + 1);
  for (uint64_t seed = 700; seed < 740; ++seed) {
    INFO("seed " << seed);
    CHECK(simulation.run(tight, lives_of(seed), seed).difference == "");
  }
}
