#include "models/prediction_encoder.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

std::string text(const std::vector<Feature>& features) {
  std::string out;
  for (const Feature& feature : features)
    out += (out.empty() ? "" : " ") + feature.name + (feature.value == 1 ? "" : ":" + std::to_string(feature.value));
  return out;
}

std::string encoded(const PredictionEncoder& encoder, const std::vector<PredictionValue>& values) {
  std::vector<Feature> out;
  encoder.encode(values, out);
  return text(out);
}

TEST_CASE("a running scale has the mean and deviation of all that came") {
  RunningScale scale;
  CHECK(scale.standardise(7) == 0);
  Random random(2);
  std::vector<double> all;
  for (int i = 0; i < 1'000; ++i) {
    all.push_back(1e6 + 3 * random.normal());
    scale.add(all.back());
  }
  double mean = 0, squares = 0;
  for (const double value : all)
    mean += value / 1'000;
  for (const double value : all)
    squares += (value - mean) * (value - mean) / 1'000;
  CHECK(scale.standardise(mean) == Approx(0).margin(1e-6));
  CHECK(scale.standardise(mean + std::sqrt(squares)) == Approx(1));
  CHECK(scale.standardise(1e12) == 5);
  CHECK(scale.standardise(-1e12) == -5);
}

TEST_CASE("values become named features, and what is missing is a feature of its own") {
  PredictionEncoder encoder({{{.name = "city"}},
                             {{.name = "tags", .kind = FeatureColumn::Kind::kMulti}},
                             {{.name = "price", .kind = FeatureColumn::Kind::kBuckets, .boundaries = {5, 10}}},
                             {{.name = "minutes"}, true}});
  CHECK(encoded(encoder, {std::string("Rome"), Texts{"a", "b"}, 7.0, int64_t{30}}) ==
        "city=Rome tags=a tags=b price<10 minutes:0.000000");
  CHECK(encoded(encoder, {int64_t{5}, std::string("a|b"), int64_t{12}, 1.5}) ==
        "city=5 tags=a tags=b price>=10 minutes:0.000000");
  CHECK(encoded(encoder, {true, {}, {}, {}}) == "city=true tags? price? minutes?");
  encoder.learn(std::vector<PredictionValue>{{}, {}, {}, 10.0});
  encoder.learn(std::vector<PredictionValue>{{}, {}, {}, 20.0});
  encoder.learn(std::vector<PredictionValue>{{}, {}, {}, {}});
  CHECK(encoded(encoder, {{}, {}, {}, 25.0}) == "city? tags? price? minutes:2.000000");
}

TEST_CASE("a whole number is the same category whether data or a request brings it") {
  const PredictionEncoder encoder({{{.name = "shop"}}});
  CHECK(encoded(encoder, {int64_t{12}}) == encoded(encoder, {12.0}));
  CHECK(encoded(encoder, {int64_t{12}}) == encoded(encoder, {std::string("12")}));
}

TEST_CASE("a value of the wrong type is named with what would be right") {
  const PredictionEncoder encoder(
      {{{.name = "minutes"}, true}, {{.name = "words", .kind = FeatureColumn::Kind::kText}}, {{.name = "city"}}});
  CHECK(encoder.check(0, std::string("ten")).message() == "feature `minutes` must be a number");
  CHECK(encoder.check(1, 3.0).message() == "feature `words` must be a text");
  CHECK(encoder.check(2, Texts{"a"}).message() == "feature `city` must be a text, number or bool");
  CHECK_FALSE(encoder.check(0, std::nan("")).ok());
  for (size_t column = 0; column < 3; ++column)
    CHECK(encoder.check(column, {}).ok());
}

}  // namespace
}  // namespace penstock
