// Sessions that close, records that are sent until they are acknowledged, and duplicates: crashes show in none of them.
#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

std::string number(int n) { return std::to_string(n); }

// Events of sessions over some minutes, in order but for 20 s, some of them twice.
Generated site(const std::string& memory) {
  Generated out;
  out.text = R"(
name: simulated
schemas:
  event: {id: {type: int64, required: true}, session: string, item: string, at: timestamp}
sources:
  site: {type: file, path: in/site.jsonl, schema: event}
stages:
  once: {type: dedupe, input: site, key: [id], time: at, within: 60s, allowed_lateness: 20s, workers: {WORKERS}, memory: MEMORY}
  sessions:
    type: sessionize
    input: once
    session: session
    time: at
    timeout: 30s
    allowed_lateness: 200s
    collect: {items: item}
    aggregates: {events: count(*), least: min(id)}
    workers: {WORKERS}
    memory: MEMORY
  repeated: {type: reduce, input: once.duplicates, group_by: [id], aggregates: {times: count(*)}}
  documents: {type: reduce, input: sessions, group_by: [session, session_start, last_update, items, events, least, version], aggregates: {times: count(*)}}
)";
  for (size_t at = 0; (at = out.text.find("MEMORY")) != std::string::npos;)
    out.text.replace(at, 6, memory);
  Random random(7);
  std::string& file = out.inputs["site.jsonl"];
  for (int id = 0; id < 250; ++id) {
    const int second = 100 + 2 * id - static_cast<int>(random.below(20));
    const std::string at = number(second / 60 % 60), s = number(second % 60);
    const std::string line = "{\"id\":" + number(id) + ",\"session\":\"s" + number(static_cast<int>(random.below(15))) +
                             "\",\"item\":\"i" + number(id) +
                             "\",\"at\":\"2026-01-01T00:" + (at.size() < 2 ? "0" : "") + at + ":" +
                             (s.size() < 2 ? "0" : "") + s + "Z\"}\n";
    file += line;
    if (random.below(8) == 0)
      file += line;
  }
  return out;
}

// Every second offer is acknowledged, some before they come.
Generated offers(const std::string& memory) {
  Generated out;
  out.text = R"(
name: simulated
schemas:
  offer: {id: {type: int64, required: true}, price: float64}
  answer: {offer: {type: int64, required: true}}
sources:
  offers: {type: file, path: in/offers.jsonl, schema: offer}
  answers: {type: file, path: in/answers.jsonl, schema: answer}
stages:
  waiting:
    type: await_ack
    inputs: [offers, answers]
    correlation: {records: id, acknowledgements: offer}
    retry_after: 1s
    expire_after: 8s
    remember: 2s
    dead_letters: false
    workers: {WORKERS}
    memory: MEMORY
  gone: {type: map, input: waiting.expired, select: {id: id, price: price}}
  taken: {type: map, input: waiting.acknowledged, select: {id: id, price: price}}
  over: {type: union, inputs: [gone, taken]}
  ended: {type: reduce, input: over, group_by: [id, price], aggregates: {times: count(*)}}
)";
  for (size_t at = 0; (at = out.text.find("MEMORY")) != std::string::npos;)
    out.text.replace(at, 6, memory);
  for (int id = 0; id < 40; ++id) {
    out.inputs["offers.jsonl"] += "{\"id\":" + number(id) + ",\"price\":" + number(id) + ".5}\n";
    if (id % 2 == 0)
      out.inputs["answers.jsonl"] += "{\"offer\":" + number(39 - id) + "}\n";
  }
  return out;
}

void crash_it(const Generated& roomy, const Generated& tight, const std::string& view, size_t rows,
              uint64_t first_seed) {
  const FastFolder folder, other;
  const Outcome expected = Simulation(other.path()).prepare(roomy).expected;
  REQUIRE(expected.at("view " + view).size() >= rows);
  Simulation simulation(folder.path());
  const Workload workload = simulation.prepare(tight);
  CHECK(workload.expected.at("view " + view) == expected.at("view " + view));
  for (uint64_t seed = first_seed; seed < first_seed + 30; ++seed) {
    INFO("seed " << seed);
    const RunResult result = simulation.run(workload, lives_of(seed), seed);
    INFO(result.difference);
    for (const auto& [section, lines] : expected)
      if (section.starts_with("view ")) {
        INFO(section);
        REQUIRE(result.outcome.contains(section));
        CHECK(result.outcome.at(section) == lines);
      }
  }
}

}  // namespace

TEST_CASE("crashes change no document of a session and let no duplicate pass, also where state spills") {
  crash_it(site("1GiB"), site("1KiB"), "documents", 30, 900);
}

TEST_CASE("crashes let every record that awaits its acknowledgement end once, also where state spills") {
  crash_it(offers("1GiB"), offers("1KiB"), "ended", 40, 950);
}
