// What the declaration of a model is refused for beyond single properties.
#include <catch2/catch.hpp>

#include "tests/components/in_topology.h"

namespace penstock {
namespace {

std::string mistakes(const std::string& model) {
  return test::mistakes_of_topology(
      "name: shop\n"
      "sources:\n"
      "  shop: {type: synthetic, events: 10}\n"
      "stages:\n"
      "  people: {type: reduce, input: shop, group_by: [user_id], aggregates: {vendor: last(vendor)}}\n"
      "models:\n"
      "  some: {input: shop, user: user_id, item: item_id, " +
      model + "}\n");
}

}  // namespace

TEST_CASE("a model that compares items by features is refused without them") {
  CHECK(mistakes("type: same_attribute") == "missing-key: same_attribute compares items by their features\n");
}

TEST_CASE("popularity by segment or trend is refused without what it is made of") {
  CHECK(mistakes("type: popularity, segments: true") == "missing-key: segments are users who share a feature\n");
  CHECK(mistakes("type: popularity, segments: true, user_features: {view: people, columns: {vendor: categorical}}")
            .empty());
  CHECK(mistakes("type: popularity, trending: true") == "missing-key: trending compares now with a longer time\n");
  CHECK(mistakes("type: popularity, trending: true, decay_hours: 24").empty());
}

}  // namespace penstock
