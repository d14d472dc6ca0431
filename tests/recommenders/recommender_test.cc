#include "actors/recommenders/recommender.h"

#include <catch2/catch.hpp>

#include "tests/recommenders/recommender_fixture.h"

namespace penstock {
namespace {

using test::RecommenderFixture;

// Items by weight: a 9, b 8, c 7, d 6, e 5; by clicks: x 9, d 5, c 4.
void fill(RecommenderFixture& shop) {
  shop.put_items(R"({"item":"a","category":"food","vendor":"v1","stock":1}
{"item":"b","category":"food","vendor":"v1","stock":0}
{"item":"c","category":"food","vendor":"v2","stock":3}
{"item":"d","category":"toys","vendor":"v2","stock":4}
{"item":"e","category":"toys","vendor":"v3","stock":5})");
  shop.happens("events", "1>a*9 2>b*8 3>c*7 4>d*6 5>e*5");
  shop.happens("clicks", "7>x*9 7>d*5 8>c*4");
  shop.train();
}

TEST_CASE("a recommender blends its generators and says which found each item") {
  RecommenderFixture shop("  home: {type: blend, candidates: [shelf, {model: click, quota: 2, weight: 0.5}]}");
  fill(shop);
  // shelf: a 1, b 0.75, c 0.5, d 0.25, e 0; click: x 0.5, d 0
  CHECK(shop.ask("new") == "a/shelf b/shelf c/shelf x/click d/shelf e/shelf");
  CHECK(shop.ask("new", 2) == "a/shelf b/shelf");
  CHECK(shop.monitor.count("answered home candidates") == 2);
}

TEST_CASE("reciprocal rank fusion needs no comparable scores") {
  RecommenderFixture shop("  home: {type: blend, candidates: [shelf, click], fusion: rrf}");
  fill(shop);
  // d: 1/64 + 1/62 = 0.03175; c: 1/63 + 1/63 = 0.03174; a: 1/61; x: 1/61; b: 1/62
  CHECK(shop.ask("new", 5) == "d/click c/shelf a/shelf x/click b/shelf");
}

TEST_CASE("a learned ranker orders candidates by what it foretells of item and user") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [shelf], items: catalogue, users: people, rank: likes, fallback: []}");
  fill(shop);
  shop.put_people(R"({"user":"n","region":"north"}
{"user":"s","region":"south"})");
  std::string outcomes;
  for (int i = 0; i < 200; ++i)
    for (const std::string category : {"food", "toys"})
      for (const std::string region : {"north", "south"})
        outcomes += R"({"category":")" + category + R"(","region":")" + region + R"(","strategy":"shelf","clicked":)" +
                    (category == "toys" ? "true" : "false") + "}\n";
  CHECK(shop.ask("n") == "a/shelf b/shelf c/shelf d/shelf e/shelf");  // it has learnt nothing: all the same
  shop.put_outcomes(outcomes);
  CHECK(shop.ask("n") == "d/shelf e/shelf a/shelf b/shelf c/shelf");
  CHECK(shop.ask("nobody known") == "d/shelf e/shelf a/shelf b/shelf c/shelf");
}

TEST_CASE("a quota bounds what a generator gives") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [{model: shelf, quota: 1}, {model: click, quota: 1}], fallback: []}");
  fill(shop);
  CHECK(shop.ask("new") == "a/shelf x/click");
}

TEST_CASE("conditions filter inside the search, so that a filtered answer is full") {
  RecommenderFixture shop(
      "  home:\n    type: blend\n    candidates: [{model: shelf, quota: 2}]\n    items: catalogue\n"
      "    where: stock > 2\n    rules: [{exclude: vendor = 'v3'}]\n    fallback: []");
  fill(shop);
  CHECK(shop.ask("new", 2) == "c/shelf d/shelf");
  CHECK(shop.ask({.user = "new", .model = "", .n = 2, .exclude = {"c"}}) == "d/shelf");
  CHECK(shop.ask({.user = "new", .model = "", .n = 2, .exclude = {}, .filter = "category = 'toys'"}) == "d/shelf");
}

TEST_CASE("an item that comes into stock is answered within a second") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [shelf], items: catalogue, where: stock > 0, fallback: []}");
  fill(shop);
  CHECK(shop.ask("new") == "a/shelf c/shelf d/shelf e/shelf");
  shop.put_items(R"({"item":"b","category":"food","vendor":"v1","stock":1})");
  shop.clock.advance_micros(1'000'000);
  CHECK(shop.ask("new") == "a/shelf b/shelf c/shelf d/shelf e/shelf");
}

TEST_CASE("a condition may compare an item with the user") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [shelf], items: catalogue, users: people, where: vendor = user.region, "
      "fallback: []}");
  fill(shop);
  shop.put_people(R"({"user":"1","region":"v2"}
{"user":"2","region":"v1"})");
  CHECK(shop.ask("1") == "c/shelf d/shelf");
  CHECK(shop.ask("2") == "a/shelf");  // b is seen
  CHECK(shop.ask("new").empty());
}

TEST_CASE("boosts change the order, not what may be answered") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [shelf], items: catalogue, rules: [{boost: \"vendor = 'v2'\", by: 10}], "
      "fallback: []}");
  fill(shop);
  CHECK(shop.ask("new") == "c/shelf d/shelf a/shelf b/shelf e/shelf");
}

TEST_CASE("caps hold through the fallback, and searches widen where caps leave an answer short") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [{model: shelf, quota: 2}], items: catalogue, diversity: {cap: {vendor: 1}}, "
      "fallback: [click]}");
  fill(shop);
  CHECK(shop.ask("new", 3) == "a/shelf c/shelf e/shelf");
  CHECK(shop.ask("new", 5) == "a/shelf c/shelf e/shelf x/click step click");
}

TEST_CASE("what one generator has seen of a user, no other recommends") {
  RecommenderFixture shop("  home: {type: blend, candidates: [shelf, click], fallback: [click]}");
  fill(shop);
  CHECK(shop.ask("7") == "c/click a/shelf b/shelf e/shelf");
  RecommenderFixture again("  home: {type: blend, candidates: [click], seen: allow}");
  fill(again);
  CHECK(again.ask("7", 2) == "x/click d/click");
}

TEST_CASE("fallbacks are asked in turn until the answer is full") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [taste], items: catalogue, where: stock > 3, fallback: [toys, click, shelf]}\n"
      "  toys: {type: blend, candidates: [{model: shelf, quota: 1}], items: catalogue, where: category = 'toys', "
      "fallback: []}");
  fill(shop);
  CHECK(shop.ask("new", 1) == "d/toys step toys");
  CHECK(shop.ask("new", 2) == "d/toys e/shelf step shelf");
  CHECK(shop.ask("new", 9) == "d/toys e/shelf step shelf");
}

TEST_CASE("without declared fallbacks the most popular items fill up, filtered too") {
  RecommenderFixture shop("  home: {type: blend, candidates: [taste], items: catalogue, where: stock > 2}");
  fill(shop);
  shop.happens("events", "8>e 9>e 9>d");
  CHECK(shop.ask("new", 2) == "e/popularity d/popularity step popularity");
  CHECK(shop.ask({.user = "new", .model = "", .n = 2, .exclude = {"e"}}) ==
        "d/popularity c/popularity step popularity");
}

TEST_CASE("a session stands for a history") {
  RecommenderFixture shop("  home: {type: blend, candidates: [taste], because: 1}");
  shop.happens("events", "1>a 1>b 1>c 2>a 2>b 3>a 3>b 3>c 4>x 4>y 4>z 5>x 5>y 6>x 6>z");
  shop.train();
  const auto answer = shop.recommenders->recommend(
      {.user = "", .model = "", .n = 1, .exclude = {}, .filter = "", .session = {{"x"}, {"y", 2}}});
  REQUIRE(answer.ok());
  REQUIRE(answer->items.size() == 1);
  CHECK(answer->items[0].item == "z");
  CHECK(answer->history == 2);
  CHECK_FALSE(answer->fallback);
  CHECK(answer->models == std::vector<std::pair<std::string, uint64_t>>{{"taste", 1}});
}

TEST_CASE("an answer is kept until the user acts, a model is trained, the table changes or time is up") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [shelf], items: catalogue, where: stock > 0, fallback: [], cache: {ttl: "
      "30s}}");
  fill(shop);
  const std::string all = "a/shelf c/shelf d/shelf e/shelf";
  CHECK(shop.ask("new") == all);
  CHECK(shop.ask("new") == all + " cached");
  CHECK(shop.ask("other") == all);
  CHECK(shop.ask("new", 2) == "a/shelf c/shelf");
  shop.happens("events", "new>c");
  CHECK(shop.ask("new") == "a/shelf d/shelf e/shelf");
  CHECK(shop.ask("new") == "a/shelf d/shelf e/shelf cached");
  shop.train();
  CHECK(shop.ask("other") == all);
  CHECK(shop.ask("other") == all + " cached");
  shop.put_items(R"({"item":"a","stock":0})");
  shop.clock.advance_micros(2'000'000);
  CHECK(shop.ask("other") == "c/shelf d/shelf e/shelf");
  shop.clock.advance_micros(31'000'000);
  CHECK(shop.ask("other") == "c/shelf d/shelf e/shelf");
}

TEST_CASE("wrong questions say what would be right") {
  RecommenderFixture shop(
      "  home: {type: blend, candidates: [shelf], items: catalogue}\n  plain: {type: blend, candidates: [shelf]}");
  CHECK(shop.ask("1") == "recommender \"home\" has nothing to answer with yet: no model has seen an event");
  fill(shop);
  RecommendationQuery query{.user = "1", .model = "", .n = 1, .exclude = {}, .filter = "stok > 1"};
  CHECK(shop.ask(query) == "the filter, at byte 0: there is no column \"stok\"; did you mean stock?");
  query.model = "plain";
  CHECK(shop.ask(query) ==
        "recommender \"plain\" takes no filter: it declares no items, whose columns a filter could name");
  query.model = "taste";
  CHECK(shop.ask(query) == "model \"taste\" takes no filter: name a recommender, which knows columns of items");
  query.model = "hme";
  CHECK(shop.ask(query) == "there is no model or recommender \"hme\"; did you mean \"home\"?");
}

TEST_CASE("similar items of a recommender obey its conditions") {
  RecommenderFixture shop("  home: {type: blend, candidates: [taste], items: catalogue, where: stock > 2}");
  fill(shop);
  const auto all = shop.recommenders->similar("a", "taste", 10, "");
  const auto some = shop.recommenders->similar("a", "home", 10, "category = 'toys'");
  REQUIRE((all.ok() && some.ok()));
  CHECK(all->items.size() == 4);
  REQUIRE(some->items.size() == 2);
  CHECK(std::min(some->items[0].item, some->items[1].item) == "d");
  CHECK(shop.recommenders->similar("a", "taste", 10, "stock > 1").status().code() == Code::kInvalidArgument);
}

}  // namespace
}  // namespace penstock
