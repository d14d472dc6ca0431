// How values become named features, and features a matrix.
#include "models/features.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

using Kind = FeatureColumn::Kind;

std::string names(const std::vector<Feature>& features) {
  std::string out;
  for (const Feature& feature : features)
    out += (out.empty() ? "" : " ") + feature.name;
  return out;
}

std::string of_text(const FeatureColumn& column, std::string_view value) {
  std::vector<Feature> out;
  encode_text(column, value, out);
  return names(out);
}

std::string of_number(const FeatureColumn& column, double value) {
  std::vector<Feature> out;
  encode_number(column, value, out);
  return names(out);
}

}  // namespace

TEST_CASE("a categorical value is one feature, named after column and value") {
  const FeatureColumn column{.name = "category"};
  CHECK(of_text(column, "soups & stews") == "category=soups & stews");
  CHECK(of_text(column, "") == "");
  CHECK(of_number(column, 7) == "category=7");
}

TEST_CASE("a multi value is a feature for each of its parts, each once") {
  const FeatureColumn column{.name = "tags", .kind = Kind::kMulti};
  CHECK(of_text(column, "a| b |a||c") == "tags=a tags=b tags=c");
  CHECK(of_text(column, "") == "");
  CHECK(of_text({.name = "tags", .kind = Kind::kMulti, .separator = ", "}, "x, y,z") == "tags=x tags=y,z");
}

TEST_CASE("a number falls into the bucket below the first boundary above it") {
  const FeatureColumn column{.name = "price", .kind = Kind::kBuckets, .boundaries = {5, 10, 50.5}};
  CHECK(of_number(column, -3) == "price<5");
  CHECK(of_number(column, 5) == "price<10");
  CHECK(of_number(column, 50.4) == "price<50.5");
  CHECK(of_number(column, 50.5) == "price>=50.5");
  CHECK(of_number(column, std::nan("")) == "");
}

TEST_CASE("words are hashed without regard to case, and never leave the buckets") {
  const FeatureColumn column{.name = "title", .kind = Kind::kText, .buckets = 16};
  CHECK(of_text(column, "Hot SOUP, hot") == of_text(column, "hot soup"));
  CHECK(of_text(column, "東京 ramen") == of_text(column, "東京,ramen!"));
  CHECK(of_text(column, " ,.") == "");
  std::vector<Feature> out;
  for (int word = 0; word < 1000; ++word)
    encode_text(column, std::to_string(word), out);
  CHECK(out.size() == 16);
}

TEST_CASE("a feature matrix has its names in order, whoever had them first") {
  const std::vector<std::vector<Feature>> rows = {{{"b", 1}, {"a", 2}}, {}, {{"c", 1}, {"b", 0.5f}}};
  const FeatureMatrix features = make_features(rows);
  CHECK(features.names == std::vector<std::string>{"a", "b", "c"});
  CHECK(features.rows.rows == 3);
  CHECK(features.rows.columns == 3);
  CHECK(names(features_of(features, 0)) == "a b");
  CHECK(features_of(features, 0)[0].value == 2);
  CHECK(features_of(features, 1).empty());
  CHECK(features_of(features, 2)[0].value == 0.5f);
  CHECK(features_of(features, 3).empty());
}

}  // namespace penstock
