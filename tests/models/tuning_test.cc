#include "models/tuning.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "core/random.h"
#include "models/gaussian_process.h"

namespace penstock {
namespace {

const ModelType& als() { return *find_model_type("als"); }

std::string mistake(const std::string& range) {
  const auto parsed = parse_range(als(), range);
  return parsed.ok() ? "" : parsed.status().message();
}

double value(const ParameterValues& values, size_t i) { return std::stod(values[i].second); }

TEST_CASE("a Gaussian process goes through what was measured and is unsure elsewhere") {
  std::vector<std::vector<double>> points;
  std::vector<double> values;
  for (double x = 0; x <= 1; x += 0.125) {
    points.push_back({x});
    values.push_back(100 + std::sin(6 * x));
  }
  const GaussianProcess process(points, values);
  for (size_t i = 0; i < points.size(); ++i) {
    CHECK(process.at(points[i]).mean == Approx(values[i]).margin(0.02));
    CHECK(process.at(points[i]).deviation < 0.05);
  }
  CHECK(process.at(std::vector{0.3}).mean == Approx(100 + std::sin(1.8)).margin(0.02));
  CHECK(process.at(std::vector{3.0}).deviation > process.at(std::vector{0.3}).deviation);
}

TEST_CASE("expected improvement is the mean of what is gained") {
  Random random(5);
  for (const auto& [mean, deviation, best] : {std::tuple{0.0, 1.0, 0.5}, {2.0, 0.5, 1.0}, {-1.0, 2.0, 0.0}}) {
    double sum = 0;
    for (int i = 0; i < 200'000; ++i)
      sum += std::max(0.0, mean + deviation * random.normal() - best) / 200'000;
    CHECK(expected_improvement({mean, deviation}, best) == Approx(sum).margin(0.01));
  }
  CHECK(expected_improvement({3, 0}, 1) == 2);
}

TEST_CASE("ranges are read with what is wrong and what would be right") {
  const auto range = parse_range(als(), "regularization=0.01:10:log");
  REQUIRE(range.ok());
  CHECK(range->low == 0.01);
  CHECK(range->high == 10);
  CHECK(range->log);
  CHECK(parse_range(als(), "svd_start=true|false")->choices == std::vector<std::string>{"true", "false"});
  CHECK_THAT(mistake("regularisation=1:2"), Catch::Contains("did you mean `regularization`?"));
  CHECK_THAT(mistake("factors"), Catch::Contains("name=low:high"));
  CHECK_THAT(mistake("factors=9:3"), Catch::Contains("factors=low:high"));
  CHECK_THAT(mistake("factors=0:64"), Catch::Contains("from 1 to"));
  CHECK_THAT(mistake("frequency_exponent=0:1:log"), Catch::Contains("above 0"));
  CHECK_THAT(mistake("svd_start=perhaps"), Catch::Contains("svd_start=false|true"));
}

TEST_CASE("by default every number that changes what is learnt is searched around the start") {
  const auto ranges = default_ranges(als(), {{"factors", "32"}});
  std::set<std::string> names;
  for (const TuneRange& range : ranges) {
    names.insert(range.name);
    if (range.name == "factors") {
      CHECK(range.low == 8);
      CHECK(range.high == 128);
      CHECK(range.log);
    }
  }
  CHECK(names.contains("regularization"));
  CHECK_FALSE(names.contains("latency_ms"));
}

TEST_CASE("the search begins at the start, keeps to the ranges, and is the same again for the same trials") {
  const std::vector<TuneRange> ranges = {*parse_range(als(), "factors=8:64:log"),
                                         *parse_range(als(), "regularization=0.01:10:log"),
                                         *parse_range(als(), "svd_start=true|false")};
  for (const auto search : {Tuner::Search::kBayesian, Tuner::Search::kRandom}) {
    const Tuner tuner(ranges, {{"factors", "16"}, {"regularization", "0.25"}, {"svd_start", "true"}}, search, 3);
    std::vector<Trial> trials;
    for (int i = 0; i < 14; ++i) {
      const ParameterValues next = tuner.suggest(trials);
      CHECK(next == tuner.suggest(trials));
      CHECK(value(next, 0) >= 8);
      CHECK(value(next, 0) <= 64);
      CHECK(next[0].second.find('.') == std::string::npos);
      CHECK((next[2].second == "true" || next[2].second == "false"));
      CHECK(make_model("als", next).ok());
      if (i == 0)
        CHECK(next == ParameterValues{{"factors", "16"}, {"regularization", "0.25"}, {"svd_start", "true"}});
      trials.push_back({next, static_cast<double>(i % 5)});
    }
  }
}

TEST_CASE("the Bayesian search comes nearer to the best than chance in as many trials") {
  const std::vector<TuneRange> ranges = {*parse_range(als(), "regularization=0.01:10:log"),
                                         *parse_range(als(), "unobserved_weight=0.01:10:log"),
                                         *parse_range(als(), "frequency_exponent=0:1")};
  const auto quality = [](const ParameterValues& at) {
    const double a = std::log10(value(at, 0)) - 0.3, b = std::log10(value(at, 1)) + 0.9, c = value(at, 2) - 0.7;
    return -(a * a + b * b + 2 * c * c);
  };
  double bayesian = 0, random = 0;
  for (uint64_t seed = 0; seed < 6; ++seed)
    for (const auto search : {Tuner::Search::kBayesian, Tuner::Search::kRandom}) {
      const Tuner tuner(ranges, {}, search, seed);
      std::vector<Trial> trials;
      double best = -1e9;
      for (int i = 0; i < 25; ++i) {
        const ParameterValues next = tuner.suggest(trials);
        trials.push_back({next, quality(next)});
        best = std::max(best, trials.back().value);
      }
      (search == Tuner::Search::kBayesian ? bayesian : random) += best / 6;
    }
  CHECK(bayesian > -0.01);
  CHECK(bayesian > random);
}

}  // namespace
}  // namespace penstock
