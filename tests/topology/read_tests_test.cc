#include "topology/read_tests.h"

#include <catch2/catch.hpp>

#include "small_catalogue.h"

using namespace penstock;
using namespace penstock::topology;
using penstock::topology::testing::mistakes;

namespace {

// `tests` begin in line 9.
std::string shop(const std::string& tests) {
  return "name: shop\n"
         "schemas:\n"
         "  event: {user: int64, item: int64, kind: string, price: float64, at: timestamp}\n"
         "sources:\n"
         "  events: {type: file, schema: event}\n"
         "stages:\n"
         "  dear: {type: filter, input: events, where: price > 10}\n"
         "  sums: {type: reduce, input: dear, group_by: [user], aggregates: {n: count(*)}}\n"
         "tests:\n" +
         tests;
}

std::vector<Test> read(const std::string& tests) {
  const CheckedTopology topology = testing::checked(shop(tests));
  Diagnostics diagnostics;
  return read_tests(*topology.tests, topology.components, diagnostics);
}

}  // namespace

TEST_CASE("a test is read as rounds, with rows by the types of their columns") {
  const std::vector<Test> tests = read(
      "  counts:\n"
      "    at: 2026-02-01T00:00:00Z\n"
      "    given:\n"
      "      events: [{user: 1, kind: 7, price: 12, at: 2026-02-01}, '{broken']\n"
      "    crash: [sums after 1 row, after 2 rows]\n"
      "    advance: 31m\n"
      "    expect:\n"
      "      sums: [{user: 1, n: 1}]\n"
      "      dead_letters: {count: 1}\n");
  REQUIRE(tests.size() == 1);
  CHECK(tests[0].name == "counts");
  REQUIRE(tests[0].rounds.size() == 1);
  const TestRound& round = tests[0].rounds[0];
  CHECK(round.at == Timestamp{1'769'904'000'000'000});
  REQUIRE(round.given.size() == 1);
  REQUIRE(round.given[0].rows.size() == 2);
  CHECK(round.given[0].rows[0].text == R"({"user":1,"kind":"7","price":12,"at":"2026-02-01"})");
  CHECK_FALSE(round.given[0].rows[0].raw);
  CHECK(round.given[0].rows[1].text == "{broken");
  CHECK(round.given[0].rows[1].raw);
  REQUIRE(round.crashes.size() == 2);
  CHECK(round.crashes[0].component == "sums");
  CHECK(round.crashes[0].rows == 1);
  CHECK(round.crashes[1].component.empty());
  CHECK(round.crashes[1].rows == 2);
  CHECK(round.advance == Duration{31 * 60'000'000ll});
  REQUIRE(round.expect.size() == 2);
  CHECK(round.expect[0].rows[0].cells[1].value == "1");
  CHECK(round.expect[1].count == 1);
}

TEST_CASE("rounds come one after the other") {
  const std::vector<Test> tests = read(
      "  twice:\n"
      "    - given: {events: [{user: 1, price: 11}]}\n"
      "      expect: {sums: {contains: [{n: 1}]}, dear: {exactly: [{user: 1, kind: null}]}}\n"
      "    - advance: 1h\n"
      "      expect: {sums: {exactly: [{n: 1}], emitted: true}}\n");
  REQUIRE(tests.size() == 1);
  REQUIRE(tests[0].rounds.size() == 2);
  const auto& first = tests[0].rounds[0].expect;
  CHECK(first[0].mode == ExpectedRows::Mode::kContains);
  CHECK_FALSE(first[1].rows[0].cells[1].value);
  CHECK(tests[0].rounds[1].expect[0].emitted);
}

TEST_CASE("names and values that a test has wrong are told with their places") {
  CHECK(mistakes(shop("  a:\n"
                      "    given: {evnts: [{user: 1}]}\n"
                      "    expect: {sums: [{usr: 1}]}\n")) ==
        "11:13 unknown-component: there is no source \"evnts\" (did you mean events?)\n"
        "12:22 unknown-column: sums has no column \"usr\" (did you mean user?)\n");
  CHECK(mistakes(shop("  a:\n"
                      "    given: {dear: [{user: 1}], events: [{user: x, at: soon}]}\n"
                      "    expect: {sums: [{n: 1.5}]}\n")) ==
        "11:13 unknown-component: there is no source \"dear\" (dear is a stage; rows come in at sources)\n"
        "11:48 wrong-type: user is of type int64 (write a whole number; or the whole record as text, if it is to be "
        "wrong)\n"
        "11:55 wrong-type: at is of type timestamp (write a time such as 2026-01-01T00:00:00Z; or the whole record as "
        "text, if it is to be wrong)\n"
        "12:25 wrong-type: n is of type int64 (write a whole number)\n");
  CHECK(mistakes(shop("  a: {givn: {}, expect: {sums: []}}\n")) ==
        "10:7 unknown-key: a test has no key \"givn\" (did you mean given?)\n");
  CHECK(mistakes(shop("  a: {expect: {smus: []}}\n")) ==
        "10:16 unknown-component: there is nothing named \"smus\" that shows rows (did you mean sums?)\n");
}

TEST_CASE("crashes and times that cannot be are told") {
  CHECK(mistakes(shop("  a: {given: {events: [{user: 1}]}, crash: soon, expect: {sums: []}}\n")) ==
        "10:44 wrong-type: a crash says when, and of what (`after 2 rows` for the process, `NAME after 2 rows` for one "
        "component)\n");
  CHECK(mistakes(shop("  a: {given: {events: [{user: 1}]}, crash: after 2 rows, expect: {sums: []}}\n")) ==
        "10:44 wrong-value: the round has 1 row (crash after one of them)\n");
  CHECK(mistakes(shop("  a: {given: {events: [{user: 1}]}, crash: smus after 1 row, expect: {sums: []}}\n")) ==
        "10:44 unknown-component: there is no stage \"smus\" (did you mean sums?)\n");
  CHECK(mistakes(shop("  a:\n"
                      "    - {at: 2026-02-02, expect: {sums: []}}\n"
                      "    - {at: 2026-02-01, expect: {sums: []}}\n")) ==
        "12:12 wrong-type: the clock stands at 2026-02-02T00:00:00Z already (it does not go back)\n");
}

TEST_CASE("a test that expects nothing is warned of") {
  CHECK(mistakes(shop("  a: {given: {events: [{user: 1}]}}\n")) ==
        "warning 10:3 empty-test: the test \"a\" expects nothing (add `expect:` with the rows of a view, stage or "
        "sink)\n");
}
