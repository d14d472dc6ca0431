#include "models/same_attribute.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

#include "models/features.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::NoProgress;

// Each item has a vendor, most have one of few categories, some both of two tags.
Interactions shop() {
  Interactions data = testing::random_interactions(60, 30, 6, 61, true);
  std::vector<std::vector<Feature>> features;
  for (int item = 0; item < 30; ++item) {
    features.push_back({{"vendor=" + std::to_string(item % 7)}});
    if (item % 5 != 0)
      features.back().push_back({"category=" + std::to_string(item % 3)});
    if (item % 4 == 0)
      features.back().push_back({"tag=new", 0.5f});
  }
  data.item_features = make_features(features);
  return data;
}

ModelSnapshotPtr fitted(const SameAttributeParameters& parameters, const Interactions& data) {
  NoProgress progress;
  return make_same_attribute(parameters)->fit(data, {1, 1}, progress).value();
}

std::map<std::string, double> attributes_of(const Interactions& data, int32_t item) {
  std::map<std::string, double> out;
  for (const Feature& feature : features_of(data.item_features, item))
    out[feature.name] = feature.value;
  return out;
}

}  // namespace

TEST_CASE("same_attribute scores by the attributes shared with the history, rare ones first") {
  const Interactions data = shop();
  std::map<std::string, int> having;
  for (int32_t item = 0; item < 30; ++item)
    for (const auto& [name, value] : attributes_of(data, item))
      ++having[name];
  for (const bool by_weight : {true, false}) {
    const ModelSnapshotPtr snapshot = fitted({.by_weight = by_weight}, data);
    for (int32_t user = 0; user < 20; ++user) {
      const auto history = testing::history_of(data, user);
      const std::vector<float> scores = snapshot->score_all({.history = history});
      for (int32_t item = 0; item < 30; ++item) {
        double sum = 0, total = 0;
        for (const ItemWeight& seen : history) {
          const double w = by_weight ? seen.weight : 1;
          total += w;
          const auto theirs = attributes_of(data, seen.item);
          for (const auto& [name, value] : attributes_of(data, item))
            if (theirs.count(name) > 0)
              sum += w * std::log(1 + 30.0 / having[name]) * value * theirs.at(name);
        }
        CHECK(scores[item] == Approx(sum / total).margin(2e-6));
      }
    }
  }
}

TEST_CASE("same_attribute knows an item that nobody has had, and says why it fits") {
  const Interactions data = shop();
  const std::vector<ModelSnapshot::NewItem> added = {{"fresh", {}, {{"vendor=3"}, {"colour=red"}}},
                                                     {"red too", {}, {{"colour=red"}}}};
  const ModelSnapshotPtr snapshot = fitted({}, data)->with_items(added);
  const std::vector<ItemWeight> history = {{1, 1}, {3, 1}};  // vendors 1 and 3
  const auto best = snapshot->recommend({.history = history, .n = 30});
  const auto fresh = std::ranges::find(best, 30, &ScoredItem::item);
  REQUIRE(fresh != best.end());
  CHECK(fresh->score > 0.5f);
  CHECK(snapshot->because({.history = history}, 30, 5) == std::vector<int32_t>{3});
  CHECK(snapshot->similar(31, 1).front().item == 30);
}

TEST_CASE("same_attribute has nothing to say to whom it knows no attribute of") {
  Interactions data = testing::random_interactions(20, 12, 4, 62);
  std::vector<std::vector<Feature>> features(6, {{"vendor=1"}});  // the others have none
  data.item_features = make_features(features);
  const ModelSnapshotPtr snapshot = fitted({}, data);
  const std::vector<ItemWeight> without = {{9, 1}}, with = {{2, 1}};
  CHECK(snapshot->recommend({.history = without}).empty());
  CHECK(snapshot->recommend({.history = with, .n = 20}).size() == 11);
}

TEST_CASE("same_attribute says what it lacks where items have no features") {
  NoProgress progress;
  const auto refused = make_same_attribute({})->fit(testing::random_interactions(20, 12, 4, 62), {1, 1}, progress);
  CHECK_THAT(refused.status().message(), Catch::Contains("item_features"));
}

}  // namespace penstock
