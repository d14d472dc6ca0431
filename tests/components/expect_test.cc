#include "topology/expect.h"

#include <catch2/catch.hpp>

#include "actors/components.h"
#include "config/settings.h"
#include "topology/check.h"

using namespace penstock;
using namespace penstock::topology;

namespace {

Plan planned(const std::string& reduce = "", const std::string& log = "") {
  auto checked = check(
      "name: shop\n"
      "sources: {sales: {type: synthetic" +
          log +
          "}}\n"
          "stages:\n"
          "  per_user: {type: reduce, input: sales, group_by: [user_id], aggregates: {n: count(*)}" +
          reduce +
          "}\n"
          "  per_pair: {type: reduce, input: sales, group_by: [user_id, item_id], aggregates: {n: count(*)}}\n"
          "  per_shop: {type: reduce, input: sales, group_by: [vendor], aggregates: {n: count(*)}}\n"
          "  best: {type: sort, input: per_user, by: [n desc]}\n"
          "models:\n"
          "  taste: {type: als, input: sales, user: user_id, item: item_id, factors: 32}\n",
      "shop.yaml", ".", catalogue(), settings_type(), [](const std::string&) { return std::nullopt; });
  for (const Diagnostic& diagnostic : checked.diagnostics.list())
    UNSCOPED_INFO(diagnostic.text);
  REQUIRE(checked.topology);
  return make_plan(std::move(*checked.topology));
}

Expectation expected(const Plan& plan, Scale scale = {.users = 1000, .items = 100, .items_per_user = 10},
                     uint64_t memory = 1 << 30) {
  return expect(plan, catalogue(), scale, memory, 1ull << 40);
}

const ExpectedPart& part(const Expectation& expectation, const std::string& component, const std::string& what) {
  for (const ExpectedPart& each : expectation.parts)
    if (each.component == component && each.expected.what == what)
      return each;
  FAIL("no " << what << " of " << component);
  return expectation.parts.front();
}

}  // namespace

TEST_CASE("expected keys are the users and items that a model names, products of them, or a guess") {
  const Expectation all = expected(planned());
  CHECK(part(all, "per_user", "groups").expected.count == 1000);
  CHECK_FALSE(part(all, "per_user", "groups").guessed);
  CHECK(part(all, "per_pair", "groups").expected.count == 100'000);
  CHECK(part(all, "per_shop", "groups").expected.count == 1000);
  CHECK(part(all, "per_shop", "groups").guessed);
  CHECK(part(all, "best", "rows").expected.count == 1000);
  CHECK(part(all, "taste", "histories").expected.count == 1000);
  const Expectation told = expected(planned(), {.users = 1000, .items = 100, .keys = {{"per_shop", 7}}});
  CHECK(part(told, "per_shop", "groups").expected.count == 7);
  CHECK_FALSE(part(told, "per_shop", "groups").guessed);
}

TEST_CASE("what is expected to be in memory heeds declared limits; what spills is on disk") {
  const Expectation free = expected(planned(), {.users = 1'000'000, .items = 100});
  const Expectation limited = expected(planned(", memory: 1MiB"), {.users = 1'000'000, .items = 100});
  CHECK(part(limited, "per_user", "groups").limit == 1 << 20);
  const double groups = part(free, "per_user", "groups").expected.bytes();
  CHECK(limited.memory() == Approx(free.memory() - groups + (1 << 20)));
  CHECK(limited.least_memory() == Approx(free.least_memory()));
  CHECK(limited.tables == free.tables);
}

TEST_CASE("expected logs grow by the day, up to their retention") {
  const Scale scale{.users = 1000, .items = 100, .events_a_day = 1e6};
  const Expectation all = expected(planned(), scale);
  REQUIRE(all.logs.size() == 1);
  CHECK(*all.logs[0].bytes_a_day == Approx(1e6 * all.logs[0].bytes_a_row));
  CHECK_FALSE(all.logs[0].bytes_kept);
  CHECK(*expected(planned("", ", retain_for: 12h"), scale).logs[0].bytes_kept ==
        Approx(0.5 * *all.logs[0].bytes_a_day));
  CHECK_FALSE(expected(planned()).logs[0].bytes_a_day);
}

TEST_CASE("the expectation is shown with a verdict on both budgets") {
  const std::string fits = explain_expected(expected(planned()));
  INFO(fits);
  CHECK_THAT(fits,
             Catch::StartsWith("\nexpected for 1,000 users and 100 items, 10 items a user (estimates, within a factor "
                               "of two)\nmemory\n  per_user"));
  CHECK_THAT(fits, Catch::Contains(" bytes (a guess: say --keys per_shop=N)\n"));
  CHECK_THAT(fits, Catch::Contains("of the memory_budget of 1GiB: fits\n"));
  CHECK_THAT(fits, Catch::Contains("of the disk_budget of 1TiB\n"));
  const Scale large{.users = 100'000'000, .items = 1000, .events_a_day = 1e9};
  const std::string tight = explain_expected(expected(planned(), large));
  CHECK_THAT(tight, Catch::Contains("DOES NOT FIT: "));
  CHECK_THAT(explain_expected(expected(planned(), {.users = 300'000, .items = 20, .items_per_user = 1}, 600 << 20)),
             Catch::Contains(" of state left on disk\n"));
  CHECK_THAT(explain_expected(expected(planned("", ", retain_bytes: 2GiB"), large)), !Catch::Contains("full after"));
  CHECK_THAT(explain_expected_json(expected(planned())), Catch::Contains("\"component\": \"per_user\""));
}
