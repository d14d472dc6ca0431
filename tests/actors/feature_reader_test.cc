// Rows of a view as features of users and items.
#include "actors/trainers/feature_reader.h"

#include <catch2/catch.hpp>

#include "actors/aggregators/features.h"
#include "actors/make_context.h"
#include "models/registry.h"
#include "tests/support/plan_of.h"

namespace penstock {
namespace {

const char* const kTopology =
    "name: shop\n"
    "sources:\n"
    "  shop: {type: synthetic, events: 10}\n"
    "stages:\n"
    "  catalogue: {type: reduce, input: shop, group_by: [item_id], aggregates: {category: last(category), "
    "price: last(price), vendor: last(vendor)}}\n"
    "models:\n"
    "  taste:\n"
    "    type: hybrid\n"
    "    input: shop\n"
    "    user: user_id\n"
    "    item: item_id\n"
    "    item_features:\n"
    "      view: catalogue\n"
    "      columns:\n"
    "        category: categorical\n"
    "        price: {type: buckets, boundaries: [5, 10]}\n"
    "        vendor: {type: multi, separator: \"/\"}\n";

std::string names(const std::vector<Feature>& features) {
  std::string out;
  for (const Feature& feature : features)
    out += (out.empty() ? "" : " ") + feature.name;
  return out;
}

}  // namespace

TEST_CASE("rows of a view become features by id, and the last row of an id counts") {
  const topology::Plan plan = testing::plan_of(kTopology);
  const topology::Component& model = plan.topology.find("taste")->component;
  const FeatureReaders readers = feature_readers(plan.topology, model, *make_model("hybrid", {}).value());
  REQUIRE(readers.items);
  CHECK_FALSE(readers.users);
  CHECK_FALSE(feature_readers(plan.topology, model, *make_model("als", {}).value()).items);
  const SchemaPtr& schema = readers.items->source().schema;
  FeaturesById features;
  BatchBuilder rows(schema);
  const auto add = [&](int64_t item, const char* category, double price, const char* vendor) {
    rows.column(0).append_int64(item);
    for (const auto& [column, text] : {std::pair(1, category), std::pair(3, vendor)}) {
      if (text == nullptr)
        rows.column(column).append_null();
      else
        rows.column(column).append_string(text);
    }
    rows.column(2).append_float64(price);
  };
  add(1, "soup", 7.5, "a/b");
  add(2, nullptr, 12, nullptr);
  add(1, "stew", 2, "b");
  readers.items->read(*rows.finish(), features);
  REQUIRE(features.size() == 2);
  CHECK(names(features.at("1")) == "category=stew price<5 vendor=b");
  CHECK(names(features.at("2")) == "price>=10");

  KnownFeatures known{.items = features};
  std::vector<std::string> items = {"1", "9"};
  known.append_untouched(items);
  CHECK(items == std::vector<std::string>{"1", "9", "2"});
  Interactions interactions;
  interactions.items = items;
  known.fill(interactions);
  CHECK(names(features_of(interactions.item_features, 2)) == "price>=10");
  CHECK(features_of(interactions.item_features, 1).empty());
  CHECK(interactions.user_features.rows.rows == 0);
}

TEST_CASE("a feature store is a view that models read as it is now") {
  std::string text = kTopology;
  const size_t begin = text.find("  catalogue:"), end = text.find("models:");
  text.replace(
      begin, end - begin,
      "  catalogue: {type: features, input: shop, key: [item_id], time: at, features: {category: last(category), "
      "price: last(price), vendor: last(vendor), sold: count(*)}, ttl: 1h}\n");
  const topology::Plan plan = testing::plan_of(text);
  const ManualClock clock;
  const MakeContext context = make_context(plan.topology, "catalogue", clock);
  const std::shared_ptr<Aggregator> store = make_feature_store(context).value();
  ViewRegistry views;
  views.add("catalogue", 1);
  views.set("catalogue", 0, store);
  const SchemaPtr& events = context.inputs.front().schema;
  const auto sell = [&](int64_t item, const char* category, double price, int64_t hour) {
    BatchBuilder rows(events);
    for (size_t c = 0; c < events->size(); ++c) {
      const std::string& name = events->field(c).name;
      if (name == "item_id")
        rows.column(c).append_int64(item);
      else if (name == "category")
        rows.column(c).append_string(category);
      else if (name == "price")
        rows.column(c).append_float64(price);
      else if (name == "at")
        rows.column(c).append_int64(hour * 3'600'000'000);
      else
        rows.column(c).append_null();
    }
    StageOutput out;
    REQUIRE(store->process(rows.finish(), out).ok());
    CHECK(out.rejected.empty());
  };
  sell(1, "soup", 7.5, 10);
  sell(2, "cake", 12, 10);
  sell(1, "stew", 2, 10);
  const topology::Component& model = plan.topology.find("taste")->component;
  const FeatureReaders readers = feature_readers(plan.topology, model, *make_model("hybrid", {}).value());
  REQUIRE(readers.items);
  CHECK(names(readers.items->lookup(views, "1")) == "category=stew price<5");
  CHECK(readers.items->lookup(views, "9").empty());
  CHECK(readers.items->read_all(views).value().size() == 2);
}

}  // namespace penstock
