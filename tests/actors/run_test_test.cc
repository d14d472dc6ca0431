#include "actors/testing/run_test.h"

#include <catch2/catch.hpp>

#include "actors/components.h"
#include "actors/regions/dead_letters.h"
#include "config/settings.h"
#include "topology/check.h"
#include "topology/read_tests.h"

namespace penstock {
namespace {

// `more` is what follows below `tests:`. Gives one line a difference, rows behind it.
std::string outcome(const std::string& more) {
  const std::string text =
      "name: shop\n"
      "schemas: {event: {user: {type: int64, required: true}, kind: string, price: float64, at: timestamp}}\n"
      "sources:\n"
      "  events: {type: http, path: /ingest/events, schema: event, event_time: at, partitions: 2}\n"
      "stages:\n"
      "  dear: {type: filter, input: events, where: 100 / price < 10}\n"
      "  sums: {type: reduce, input: dear, group_by: [user], aggregates: {n: count(*), spent: sum(price)}, workers: "
      "2}\n"
      "sinks: {out: {type: file, input: dear, path: out.jsonl}}\n"
      "servers: {api: {type: http, listen: 127.0.0.1:8080}}\n"
      "tests:\n" +
      more;
  auto checked = topology::check(text, "test.yaml", ".", catalogue(), settings_type(),
                                 [](const std::string&) { return std::nullopt; });
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
    if (diagnostic.severity == topology::Diagnostic::Severity::kError)
      return std::to_string(diagnostic.place.line) + " " + diagnostic.text + "\n";
  REQUIRE(checked.topology);
  topology::Diagnostics none;
  const auto tests = topology::read_tests(*checked.topology->tests, checked.topology->components, none);
  const topology::Plan plan = make_test_plan(std::move(*checked.topology), tests);
  std::string out;
  for (const topology::Test& test : tests) {
    const auto result = run_test(plan, test);
    REQUIRE(result.ok());
    for (const auto& [name, difference] : result->differences) {
      out += std::to_string(difference.place.line) + " " + name + ": " + difference.what + "\n";
      for (const std::string& row : difference.missing)
        out += "- " + row + "\n";
      for (const std::string& row : difference.unwanted)
        out += "+ " + row + "\n";
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a test of a topology passes when its view, stage and sink show what is expected") {
  CHECK(outcome("  counts:\n"
                "    given: {events: [{user: 1, price: 20}, {user: 2, price: 30.5}, {user: 1, price: 5}, {user: 1, "
                "price: 40}]}\n"
                "    expect:\n"
                "      sums: [{user: 2, n: 1, spent: 30.5}, {user: 1, n: 2, spent: 60}]\n"
                "      dear: {contains: [{user: 2}]}\n"
                "      out: {count: 3}\n") == "");
}

TEST_CASE("what differs is told row by row") {
  CHECK(outcome("  counts:\n"
                "    given: {events: [{user: 1, price: 20}, {user: 2, price: 30}]}\n"
                "    expect:\n"
                "      sums: [{user: 1, n: 2}, {user: 2, n: 1}]\n"
                "      dear: {count: 3}\n") ==
        "14 sums: 1 of 2 rows are there, and 1 other row\n"
        "- {\"user\":1,\"n\":2}\n"
        "+ {\"user\":1,\"n\":1}\n"
        "15 dear: 2 rows instead of 3\n"
        "+ {\"user\":1,\"kind\":null,\"price\":20,\"at\":null}\n"
        "+ {\"user\":2,\"kind\":null,\"price\":30,\"at\":null}\n");
}

TEST_CASE("wrong records and values that cannot be computed go to the dead letters of a test") {
  CHECK(outcome("  dirt:\n"
                "    given: {events: ['{\"user\":', '{\"kind\":\"view\"}', {user: 3, price: 0}]}\n"
                "    expect:\n"
                "      dead_letters: [{stage: events}, {stage: events, reason: user}, {stage: dear, reason: division "
                "by zero}]\n"
                "      sums: []\n") == "");
}

TEST_CASE("results are the same when the process or an actor dies on the way") {
  CHECK(outcome("  crashes:\n"
                "    given: {events: [{user: 1, price: 20}, {user: 2, price: 30}, {user: 1, price: 40}]}\n"
                "    crash: [after 1 row, sums after 2 rows, dear after 2 rows, after 3 rows, after 3 rows]\n"
                "    expect:\n"
                "      sums: [{user: 1, n: 2, spent: 60}, {user: 2, n: 1, spent: 30}]\n"
                "      dear: {count: 3}\n") == "");
}

TEST_CASE("a stage shows in each round what came since the last") {
  CHECK(outcome("  rounds:\n"
                "    - given: {events: [{user: 1, price: 20}]}\n"
                "      expect: {dear: [{user: 1}], sums: [{n: 1}]}\n"
                "    - advance: 1h\n"
                "      expect: {dear: []}\n"
                "    - given: {events: [{user: 1, price: 30}]}\n"
                "      expect: {dear: [{price: 30}], sums: [{n: 2}]}\n") == "");
}

TEST_CASE("a row without a required column is a mistake of the test") {
  CHECK(outcome("  lacks: {given: {events: [{price: 20}]}, expect: {sums: []}}\n") ==
        "11 a row of events needs user\n");
}

TEST_CASE("dead letters have the columns that the checker of tests knows") {
  for (const Field& field : topology::dead_letter_columns()->fields()) {
    INFO(field.name);
    const auto column = dead_letter_schema()->index_of(field.name);
    REQUIRE(column);
    CHECK(dead_letter_schema()->field(*column) == field);
  }
}

}  // namespace penstock
