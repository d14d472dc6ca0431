#include "models/calibration.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"
#include "models/ftrl.h"

namespace penstock {
namespace {

// The nearest non-decreasing sequence is, at each place, the largest over starts before of the smallest over ends behind
// of the mean between (Robertson, Wright, Dykstra, 1988).
std::vector<double> naive_isotonic(const std::vector<double>& values, const std::vector<double>& weights) {
  const size_t n = values.size();
  const auto mean = [&](size_t from, size_t to) {
    double sum = 0, weight = 0;
    for (size_t i = from; i <= to; ++i) {
      sum += values[i] * weights[i];
      weight += weights[i];
    }
    return sum / weight;
  };
  std::vector<double> out;
  for (size_t i = 0; i < n; ++i) {
    double best = -1e300;
    for (size_t from = 0; from <= i; ++from) {
      double least = 1e300;
      for (size_t to = i; to < n; ++to)
        least = std::min(least, mean(from, to));
      best = std::max(best, least);
    }
    out.push_back(best);
  }
  return out;
}

TEST_CASE("isotonic regression pools what is out of order") {
  const std::vector<double> values = {1, 3, 2, 4, 3.5, 0}, ones(6, 1);
  const std::vector<double> fitted = isotonic(values, ones);
  CHECK(fitted[0] == 1);
  CHECK(std::is_sorted(fitted.begin(), fitted.end()));
  Random random(4);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> some, weights;
    for (uint64_t i = 0; i < 1 + random.below(20); ++i) {
      some.push_back(random.normal());
      weights.push_back(0.1 + random.uniform());
    }
    const auto quick = isotonic(some, weights), slow = naive_isotonic(some, weights);
    REQUIRE(quick.size() == slow.size());
    for (size_t i = 0; i < quick.size(); ++i)
      CHECK(quick[i] == Approx(slow[i]).margin(1e-12));
  }
}

TEST_CASE("area under the curve is the share of pairs in the right order") {
  CHECK(area_under_curve({{0.9, true}, {0.1, false}}) == 1);
  CHECK(area_under_curve({{0.1, true}, {0.9, false}}) == 0);
  CHECK(area_under_curve({{0.5, true}, {0.5, false}}) == 0.5);
  CHECK(area_under_curve({{0.5, true}}) == 0.5);
  Random random(6);
  std::vector<Foretold> all;
  for (int i = 0; i < 200; ++i)
    all.push_back({std::floor(random.uniform() * 20) / 20, random.below(3) == 0});
  double pairs = 0, won = 0;
  for (const Foretold& yes : all)
    for (const Foretold& no : all)
      if (yes.label && !no.label) {
        ++pairs;
        won += yes.probability > no.probability ? 1 : yes.probability == no.probability ? 0.5 : 0;
      }
  CHECK(area_under_curve(all) == Approx(won / pairs));
}

TEST_CASE("log loss and calibration error are what their definitions say") {
  const std::vector<Foretold> some = {{0.8, true}, {0.8, false}, {0.1, false}, {0, true}};
  CHECK(log_loss(std::span(some).first(3)) == Approx(-(std::log(0.8) + std::log(0.2) + std::log(0.9)) / 3));
  CHECK(log_loss(some) < 30);
  const auto bins = reliability(some, 10);
  CHECK(bins[8].count == 2);
  CHECK(bins[8].share_true == 0.5);
  CHECK(expected_calibration_error(bins) == Approx((2 * 0.3 + 1 * 0.1 + 1 * 1) / 4));
}

TEST_CASE("calibration makes too sure a model honest and keeps its order") {
  OnlineCalibration calibration;
  Random random(3);
  std::vector<Foretold> raw, honest;
  for (int i = 0; i < 40'000; ++i) {
    const double truth = random.normal() - 1;
    const bool label = random.uniform() < sigmoid(truth);
    const double sure = 3 * truth;  // says 95 % where 73 % is right
    if (i >= 20'000) {
      raw.push_back({sigmoid(sure), label});
      honest.push_back({calibration.probability(sure), label});
    }
    calibration.learn(sure, label);
  }
  CHECK(expected_calibration_error(reliability(raw)) > 0.1);
  CHECK(expected_calibration_error(reliability(honest)) < 0.02);
  CHECK(log_loss(honest) < log_loss(raw));
  CHECK(area_under_curve(honest) == Approx(area_under_curve(raw)).margin(0.002));
  for (double x = -9; x < 9; x += 0.1)
    CHECK(calibration.probability(x) <= calibration.probability(x + 0.1));

  const OnlineCalibration::Quality quality = calibration.quality();
  CHECK(quality.cases == 40'000);
  CHECK(quality.auc == Approx(area_under_curve(raw)).margin(0.01));
  CHECK(quality.log_loss < quality.uncalibrated_log_loss);
  CHECK(quality.calibration_error < 0.03);
}

TEST_CASE("an untouched calibration says what the model says") {
  const OnlineCalibration calibration;
  for (const double x : {-5.0, -1.0, 0.0, 0.3, 4.0})
    CHECK(calibration.probability(x) == Approx(sigmoid(x)).margin(0.002));
}

TEST_CASE("calibration forgets what was long ago") {
  constexpr double kMiddle = 8.0 / OnlineCalibration::kBins;  // of a bin
  OnlineCalibration calibration(1'000);
  for (int i = 0; i < 20'000; ++i)
    calibration.learn(kMiddle, i >= 10'000);
  CHECK(calibration.probability(kMiddle) > 0.9);
  CHECK(calibration.quality().cases <= 1'100);
}

TEST_CASE("calibration goes on from its stored state as if it had never stopped") {
  OnlineCalibration one, two;
  Random random(8);
  const auto learn = [](OnlineCalibration& into, Random from) {
    for (int i = 0; i < 150; ++i)
      into.learn(from.normal(), from.below(2) == 0);
  };
  learn(one, random);
  REQUIRE(two.decode(one.encode()).ok());
  learn(one, Random(77));
  learn(two, Random(77));
  CHECK(one.encode() == two.encode());
  CHECK(two.decode("short").code() == Code::kDataLoss);
  CHECK(two.decode(one.encode() + "x").code() == Code::kDataLoss);
}

}  // namespace
}  // namespace penstock
