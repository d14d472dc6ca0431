// Features of users and items as a topology declares them: what is refused.
#include "actors/trainers/feature_columns.h"

#include <catch2/catch.hpp>

#include "actors/components.h"
#include "config/settings.h"
#include "topology/check.h"

namespace penstock {
namespace {

std::string topology_with(const std::string& item_features) {
  return "name: shop\n"
         "sources:\n"
         "  shop: {type: synthetic, events: 10}\n"
         "stages:\n"
         "  catalogue: {type: reduce, input: shop, group_by: [item_id], aggregates: {category: last(category), "
         "price: last(price), vendor: last(vendor)}}\n"
         "  pairs: {type: reduce, input: shop, group_by: [item_id, user_id], aggregates: {n: count(*)}}\n"
         "  cheap: {type: filter, input: shop, where: price < 5}\n"
         "models:\n"
         "  taste:\n"
         "    type: hybrid\n"
         "    input: shop\n"
         "    user: user_id\n"
         "    item: item_id\n"
         "    item_features: " +
         item_features + "\n";
}

std::string refusal(const std::string& item_features) {
  const auto result = topology::check(topology_with(item_features), "shop.yaml", ".", catalogue(), settings_type(),
                                      [](const std::string&) { return std::nullopt; });
  std::string out;
  for (const topology::Diagnostic& each : result.diagnostics.list())
    if (each.severity == topology::Diagnostic::Severity::kError)
      out += each.text + "\n";
  return out;
}

}  // namespace

TEST_CASE("a view that cannot hold features is refused, with the reason") {
  CHECK(refusal("{view: catalog, columns: {category: categorical}}") == "there is no view \"catalog\"\n");
  CHECK(refusal("{view: cheap, columns: {category: categorical}}") ==
        "\"cheap\" is no view, so nothing can be looked up in it\n");
  CHECK(refusal("{view: pairs, columns: {n: {type: buckets, boundaries: [1]}}}") ==
        "the view \"pairs\" has 2 key columns, but item_features needs one keyed by the id alone\n");
  CHECK(refusal("{view: catalogue, columns: {}}").find("columns has 0 entries") != std::string::npos);
}

TEST_CASE("a column that cannot be a feature is refused, with the reason") {
  CHECK(refusal("{view: catalogue, columns: {categori: categorical}}") == "there is no column \"categori\"\n");
  CHECK(refusal("{view: catalogue, columns: {price: multi}}") ==
        "the column price is float64, but string is needed here\n");
  CHECK(refusal("{view: catalogue, columns: {price: buckets}}") == "the column price needs the key boundaries\n");
  CHECK(refusal("{view: catalogue, columns: {price: {type: buckets, boundaries: [5, 5]}}}") ==
        "the boundaries must ascend\n");
  CHECK(refusal("{view: catalogue, columns: {vendor: {type: categorical, buckets: 7}}}") ==
        "buckets says nothing for a column of type categorical\n");
  CHECK(refusal("{view: catalogue, columns: {vendor: {type: multi, separator: \"\"}}}") ==
        "the separator must not be empty\n");
  CHECK(refusal("{view: catalogue, columns: {vendor: word}}").find("type cannot be \"word\"") != std::string::npos);
}

}  // namespace penstock
