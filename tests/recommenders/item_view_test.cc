#include "actors/recommenders/item_view.h"

#include <catch2/catch.hpp>

#include "tests/recommenders/recommender_fixture.h"

namespace penstock {
namespace {

TEST_CASE("the item table is read again only when its view has changed, and at most once a second") {
  test::RecommenderFixture shop("  home: {type: blend, candidates: [shelf], items: catalogue, where: stock > 0}");
  topology::Diagnostics none;
  const RecommenderPlan plan = plan_recommender(
      shop.plan.topology.find("home")->component, [&](std::string_view id) { return shop.plan.topology.find(id); },
      none);
  ItemView view(&shop.runtime, plan, "home");
  shop.put_items(R"({"item":"a","stock":1})");
  const auto first = view.current().value();
  CHECK(first->table().size() == 1);
  CHECK(shop.runtime.memory.parts().at("recommender.home") > 0);
  shop.clock.advance_micros(5'000'000);
  CHECK(view.current().value() == first);
  shop.put_items(R"({"item":"b","stock":1})");
  CHECK(view.current().value() == first);
  shop.clock.advance_micros(1'000'000);
  CHECK(view.current().value()->table().size() == 2);
}

TEST_CASE("a user's row is found by key, and a text that can be no key finds none") {
  test::RecommenderFixture shop("  home: {type: blend, candidates: [shelf]}");
  shop.put_people(R"({"user":"1","region":"north"})");
  REQUIRE(row_of(shop.runtime, "people", "1"));
  CHECK(row_of(shop.runtime, "people", "1")->to_string() == "1|north\n");
  CHECK_FALSE(row_of(shop.runtime, "people", "2"));
  CHECK_FALSE(row_of(shop.runtime, "nothing", "2"));
}

}  // namespace
}  // namespace penstock
