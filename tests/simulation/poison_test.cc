// Records that end whoever handles them: all others count, and those are in the dead letters once, whatever else goes wrong.
#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

bool is_poisonous(int64_t id) { return id % 61 == 7; }

// `bad` goes through a stage that ends at some of its rows, `good` through other regions. `with_poison`: whether there are
// such rows.
Generated topology(const std::string& how, bool with_poison) {
  Generated out;
  out.text = "name: simulated\nschemas:\n  " + std::string(kEventSchema) + R"(
sources:
  bad: {type: file, path: in/bad.jsonl, schema: event, event_time: at, partitions: 2, key: user}
  good: {type: file, path: in/good.jsonl, schema: event, event_time: at}
stages:
  survived: {type: poison, input: bad, on: "id % 61 = 7", how: )" +
             how + R"(}
  counted: {type: reduce, input: survived, group_by: [item], aggregates: {n: count(*), pieces: sum(qty)}, workers: {WORKERS}}
  bought: {type: filter, input: survived, where: kind = 'buy'}
  waiting: {type: buffer, input: bought}
  per_user: {type: reduce, input: waiting, group_by: [user], aggregates: {n: count(*)}, workers: {WORKERS}}
  others: {type: reduce, input: good, group_by: [item], aggregates: {n: count(*)}, workers: {WORKERS}}
models:
  taste: {type: popularity, input: good, user: user, item: item}
sinks:
  bought_out: {type: file, input: bought, path: out/bought.jsonl}
  good_out: {type: receiver, input: good}
)";
  for (int64_t id = 0; id < 200; ++id) {
    const Event event{id,
                      "u" + std::to_string(id % 11),
                      id % 7,
                      id % 3 == 0 ? "buy" : "view",
                      id % 4,
                      static_cast<double>(id % 13),
                      1'700'000'000'000'000 + id * 1'000'000};
    out.inputs["good.jsonl"] += to_line(event);
    if (with_poison || !is_poisonous(id))
      out.inputs["bad.jsonl"] += to_line(event);
  }
  return out;
}

// Takes the sections out in which the runs may differ, and gives the dead letters.
std::vector<std::string> take_letters(Outcome& outcome) {
  outcome.erase("log bad");
  return outcome.extract("dead letters").mapped();
}

void prove(const std::string& how, uint64_t from, uint64_t seeds) {
  const FastFolder folder, other;
  Simulation simulation(folder.path());
  Outcome expected = Simulation(other.path()).prepare(topology(how, false)).expected;
  CHECK(take_letters(expected).empty());
  const Workload workload = simulation.prepare(topology(how, true));
  for (uint64_t seed = from; seed < from + seeds; ++seed) {
    INFO("seed " << seed);
    RunResult result = simulation.run(workload, lives_of(seed), seed);
    CHECK(result.difference == "");
    const std::vector<std::string> letters = take_letters(result.outcome);
    CHECK(letters.size() == 4);
    for (const int64_t id : {7, 68, 129, 190})
      CHECK(std::count_if(letters.begin(), letters.end(), [&](const std::string& letter) {
              return letter.find("set aside: \"{\\\"id\\\":" + std::to_string(id) + ",") != std::string::npos;
            }) == 1);
    CHECK(first_difference(expected, result.outcome) == "");
  }
}

}  // namespace

TEST_CASE("records that crash a stage are set aside once, and everything else is as if they had never been") {
  prove("throws", 0, 40);
}

TEST_CASE("records that kill the process are set aside once, and nobody else's records are blamed") {
  prove("dies", 100, 40);
}
