#include "models/calibration.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"
#include "models/ftrl.h"

namespace penstock {
namespace {

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

TEST_CASE("concept drift stays small while probabilities hold and grows soon after they do not") {
  for (const int change : {0, 1, 2}) {  // outcomes as before, half as frequent, of the opposite cases
    INFO("change " << change);
    OnlineCalibration calibration;
    Random random(21);
    double before = 0, after = 0;
    for (int i = 0; i < 12'000; ++i) {
      const double log_odds = 2 * random.normal() - 1;
      const bool changed = i >= 10'000 && change > 0;
      const double truth = !changed ? sigmoid(log_odds) : change == 1 ? sigmoid(log_odds) / 2 : sigmoid(-2 - log_odds);
      calibration.learn(log_odds, random.uniform() < truth);
      double& greatest = i < 10'000 ? before : after;
      if (i > 100 && i < 10'500)
        greatest = std::max(greatest, calibration.quality().concept_drift);
    }
    CHECK(before < 5);
    if (change == 0)
      CHECK(after < 5);
    else
      CHECK(after > 6);
  }
}

TEST_CASE("a calibration that was stored before drift was watched is read") {
  OnlineCalibration calibration;
  for (int i = 0; i < 200; ++i)
    calibration.learn(i % 3 - 1, i % 2 == 0);
  const std::string now = calibration.encode();
  OnlineCalibration older, same;
  REQUIRE(older.decode(now.substr(0, now.size() - 4 * sizeof(double))).ok());
  CHECK(older.quality().log_loss == calibration.quality().log_loss);
  CHECK(older.quality().concept_drift == 0);
  REQUIRE(same.decode(now).ok());
  CHECK(same.quality().concept_drift == calibration.quality().concept_drift);
  CHECK(!same.decode(now.substr(0, now.size() - 1)).ok());
}

TEST_CASE("precision and recall are those at the threshold of the greatest F1") {
  OnlineCalibration calibration;
  CHECK(calibration.quality().recall == 0);
  Random random(8);
  std::vector<Foretold> all;
  for (int i = 0; i < 40; ++i) {  // fewer than a fit: probabilities are the model's own
    const double log_odds = 0.25 * static_cast<double>(random.below(16)) - 2;
    const bool label = random.uniform() < sigmoid(2 * log_odds);
    calibration.learn(log_odds, label);
    all.push_back({sigmoid(log_odds), label});
  }
  double best = 0, precision = 0, recall = 0;
  for (const Foretold& at : all) {
    double chosen = 0, right = 0, yes = 0;
    for (const Foretold& each : all) {
      yes += each.label ? 1 : 0;
      chosen += each.probability >= at.probability ? 1 : 0;
      right += each.probability >= at.probability && each.label ? 1 : 0;
    }
    if (const double f1 = 2 * right / (chosen + yes); f1 > best) {
      best = f1;
      precision = right / chosen;
      recall = right / yes;
    }
  }
  const auto quality = calibration.quality();
  CHECK(2 * quality.precision * quality.recall / (quality.precision + quality.recall) == Approx(best));
  CHECK(quality.precision == Approx(precision));
  CHECK(quality.recall == Approx(recall));
  double right = 0, chosen = 0;
  for (const Foretold& each : all) {
    chosen += each.probability >= quality.threshold - 1e-9 ? 1 : 0;
    right += each.probability >= quality.threshold - 1e-9 && each.label ? 1 : 0;
  }
  CHECK(right / chosen == Approx(precision));
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

TEST_CASE("calibration finds the slope and intercept that the scores lack") {
  OnlineCalibration calibration(1e9);
  Random random(12);
  for (int i = 0; i < 200'000; ++i) {
    const double score = 2 * random.normal();
    calibration.learn(score, random.uniform() < sigmoid(0.5 * score - 1));
  }
  for (const double score : {-3.0, -1.0, 0.0, 2.0, 3.0})
    CHECK(calibration.probability(score) == Approx(sigmoid(0.5 * score - 1)).margin(0.01));
}

TEST_CASE("calibration bears scores that were wholly wrong, and never turns their order round") {
  OnlineCalibration calibration;
  for (int i = 0; i < 20'000; ++i)
    calibration.learn(i % 2 == 0 ? 4 : -4, i % 2 != 0);
  CHECK(calibration.probability(4) > calibration.probability(-4));
  CHECK(calibration.probability(4) == Approx(0.5).margin(0.1));
  OnlineCalibration sure;
  for (int i = 0; i < 2'000; ++i)
    sure.learn(-6, true);
  CHECK(sure.probability(-6) > 0.8);
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
