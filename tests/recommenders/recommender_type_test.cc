#include "actors/recommenders/recommender_type.h"

#include <catch2/catch.hpp>

#include "actors/components.h"
#include "config/settings.h"
#include "topology/check.h"
#include "topology/explain.h"
#include "topology/plan.h"

namespace penstock {
namespace {

constexpr const char* kShop = R"(name: shop
sources:
  shop: {type: synthetic, events: 10}
stages:
  catalogue: {type: reduce, input: shop, group_by: [item_id], aggregates: {vendor: last(vendor), price: last(price)}}
  pairs: {type: reduce, input: shop, group_by: [item_id, vendor], aggregates: {events: count(*)}}
  dear: {type: filter, input: shop, where: price > 9}
models:
  taste: {type: als, input: shop, user: user_id, item: item_id}
  popular: {type: popularity, input: shop, user: user_id, item: item_id}
  bought: {type: logistic, input: shop, label: event = 'purchase', features: {price: numeric, quantity: numeric}}
recommenders:
)";

topology::CheckResult checked(const std::string& recommenders) {
  return topology::check(kShop + recommenders, "t.yaml", ".", catalogue(), settings_type(),
                         [](const std::string&) { return std::nullopt; });
}

std::string mistakes(const std::string& recommenders) {
  std::string out;
  const topology::CheckResult result = checked(recommenders);
  for (const topology::Diagnostic& one : result.diagnostics.list())
    if (one.severity == topology::Diagnostic::Severity::kError)
      out += std::to_string(one.place.line - 12) + ":" + std::to_string(one.place.column) + " " + one.code + ": " +
             one.text + (one.hint.empty() ? "" : " (" + one.hint + ")") + "\n";
  return out;
}

TEST_CASE("a recommender names models that there are") {
  CHECK(
      mistakes("  home: {type: blend, candidates: [tast, catalogue]}") ==
      "1:36 unknown-model: there is no model \"tast\" (did you mean taste?)\n"
      "1:42 unknown-model: candidates come from models, and catalogue is a stage (there are taste, popular, bought)\n");
  CHECK(mistakes("  home: {type: blend, candidates: [taste, taste]}") ==
        "1:43 duplicate: candidates names taste twice (give it one quota and one weight)\n");
  CHECK(mistakes("  home: {type: blend, candidates: [{quota: 5}]}") ==
        "1:36 missing-key: candidates needs the key model (it is a text)\n");
  CHECK(mistakes("  home: {type: blend, candidates: [], fallback: [shop]}") ==
        "1:35 out-of-bounds: candidates has 0 entries, but must have at least 1 entries\n");
  CHECK(mistakes("  home: {type: blend, candidates: [taste], fallback: [shop]}") ==
        "1:55 wrong-component: fallback names models and recommenders, and shop is a source\n");
}

TEST_CASE("a recommender is ranked by a model whose features it has") {
  CHECK(mistakes("  home: {type: blend, candidates: [taste], rank: taste}") ==
        "1:50 wrong-component: rank names a model that gives probabilities, and taste is of type als (declare one of "
        "type "
        "logistic under models:)\n");
  CHECK(
      mistakes("  home: {type: blend, candidates: [taste], items: catalogue, rank: bought}") ==
      "1:68 unknown-column: bought foretells from quantity, which is no column of items or users (add it to one of the "
      "views, or leave it out of the features of bought; beside their columns there are score and strategy)\n");
}

TEST_CASE("a recommender names views by one id") {
  CHECK(mistakes("  home: {type: blend, candidates: [taste], items: catalog}") ==
        "1:51 unknown-component: there is no component \"catalog\" (did you mean catalogue?)\n");
  CHECK(
      mistakes("  home: {type: blend, candidates: [taste], items: pairs}") ==
      "1:51 wrong-component: items must name a view with one key column, and pairs has 2 (group it by the id alone)\n");
  CHECK_THAT(
      mistakes("  home: {type: blend, candidates: [taste], users: dear}"),
      Catch::StartsWith(
          "1:51 wrong-component: users must name a view that a reduce or a features keeps, and dear is a filter"));
}

TEST_CASE("mistakes in conditions and columns stand at their place") {
  CHECK(mistakes("  home:\n    type: blend\n    candidates: [taste]\n    items: catalogue\n    where: prize > 0\n"
                 "    rules:\n      - {exclude: \"vendor = user.region\"}\n      - {must: price}\n"
                 "    diversity: {cap: {vendr: 2}, mmr: 0.5, by: [category]}") ==
        "5:12 bad-expression: there is no column \"prize\" (did you mean price?)\n"
        "7:29 bad-expression: a column is written without a table's name here (write region; a key inside a json "
        "column is read with ->> 'key')\n"
        "8:16 bad-expression: a condition must be bool, but this is float64 (compare it with something, as in `stock "
        "> 0`)\n"
        "9:23 unknown-column: there is no column \"vendr\" (did you mean vendor?)\n"
        "9:49 unknown-column: there is no column \"category\" (the columns are item_id, vendor, price)\n");
  CHECK(mistakes("  home: {type: blend, candidates: [taste], where: price > 0, diversity: {cap: {vendor: 2}}}") ==
        "1:51 missing-key: where needs items (name the view that has the columns of the items, as in `items: "
        "catalogue`)\n"
        "1:73 missing-key: diversity needs items (name the view that has the columns of the items, as in `items: "
        "catalogue`)\n");
}

TEST_CASE("a rule is one thing") {
  CHECK(mistakes("  home:\n    type: blend\n    candidates: [taste]\n    items: catalogue\n    rules:\n"
                 "      - {must: price > 0, exclude: price > 9}\n      - {boost: price > 3}\n"
                 "      - {must: price > 3, by: 2}") ==
        "6:9 missing-key: a rule has one of must, exclude and boost (write a rule for each)\n"
        "7:9 missing-key: a boost needs by (as in {boost: \"vendor = 'own'\", by: 1.2})\n"
        "8:9 missing-key: by belongs to a boost (as in {boost: \"vendor = 'own'\", by: 1.2})\n");
}

TEST_CASE("a chain of fallbacks ends") {
  CHECK(mistakes("  a: {type: blend, candidates: [taste], fallback: [b]}\n"
                 "  b: {type: blend, candidates: [taste], fallback: [popular, c]}\n"
                 "  c: {type: blend, candidates: [taste], fallback: [b]}") ==
        "2:51 cycle: the fallback leads back to where it came from: b → c → b (end the chain in a model such as "
        "popularity)\n"
        "3:51 cycle: the fallback leads back to where it came from: c → b → c (end the chain in a model such as "
        "popularity)\n");
  CHECK_THAT(mistakes("  a: {type: blend, candidates: [taste], fallback: [a]}"), Catch::Contains("a → a"));
}

TEST_CASE("the plan shows whom a recommender asks") {
  auto result = checked("  home: {type: blend, candidates: [taste, {model: popular, quota: 5}], fallback: [popular]}");
  REQUIRE(result.topology);
  CHECK_THAT(topology::explain_text(topology::make_plan(std::move(*result.topology))),
             Catch::Contains("recommender home (blend): asks taste, popular, popular\n"));
}

}  // namespace
}  // namespace penstock
