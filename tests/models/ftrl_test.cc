#include "models/ftrl.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "core/random.h"
#include "models/binary_metrics.h"

namespace penstock {
namespace {

// The algorithm as the paper prints it, in double precision and with a map for the coordinates.
class NaiveFtrl {
 public:
  explicit NaiveFtrl(FtrlParameters p) : p_(p) {}
  double weight(uint32_t i) {
    const double l1 = i == 0 ? 0 : p_.l1, l2 = i == 0 ? 0 : p_.l2;
    if (std::abs(z_[i]) <= l1)
      return 0;
    const double sign = z_[i] < 0 ? -1 : 1;
    return -1 / ((p_.beta + std::sqrt(n_[i])) / p_.alpha + l2) * (z_[i] - sign * l1);
  }
  double learn(std::vector<FtrlInput> x, bool y, double weight_of_example) {
    x.push_back({0, 1});
    double score = 0;
    std::map<uint32_t, double> w;
    for (const FtrlInput& input : x)
      score += input.value * (w[input.bucket] = weight(input.bucket));
    const double p = 1 / (1 + std::exp(-score));
    for (const FtrlInput& input : x) {
      const double g = weight_of_example * (p - (y ? 1 : 0)) * input.value;
      const double sigma = 1 / p_.alpha * (std::sqrt(n_[input.bucket] + g * g) - std::sqrt(n_[input.bucket]));
      z_[input.bucket] += g - sigma * w[input.bucket];
      n_[input.bucket] += g * g;
    }
    return score;
  }

 private:
  FtrlParameters p_;
  std::map<uint32_t, double> z_, n_;
};

// Clicks that depend on one of 50 categories, a number, and chance.
std::vector<FtrlExample> clicks(size_t count, uint64_t seed, const Ftrl& hash) {
  Random random(seed);
  std::vector<FtrlExample> out;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t shop = random.below(50);
    const double minutes = random.normal();
    const double log_odds = static_cast<double>(shop % 7) - 4 + 1.5 * minutes;
    out.push_back({{{hash.bucket("shop=" + std::to_string(shop)), 1},
                    {hash.bucket("minutes"), static_cast<float>(minutes)},
                    {hash.bucket("noise=" + std::to_string(random.below(1000))), 1}},
                   random.uniform() < sigmoid(log_odds)});
  }
  return out;
}

std::vector<Foretold> foretell(const Ftrl& model, std::span<const FtrlExample> examples) {
  std::vector<Foretold> out;
  for (const FtrlExample& example : examples)
    out.push_back({sigmoid(model.score(example.inputs)), example.label});
  return out;
}

TEST_CASE("FTRL does what the algorithm of the paper says") {
  const FtrlParameters parameters{.alpha = 0.3, .beta = 0.5, .l1 = 0.4, .l2 = 0.7, .buckets = 40};
  Ftrl model(parameters);
  NaiveFtrl naive(parameters);
  Random random(5);
  for (int i = 0; i < 2'000; ++i) {
    std::vector<FtrlInput> inputs;
    for (uint32_t bucket = 1; bucket < 40; ++bucket)
      if (random.below(6) == 0)
        inputs.push_back({bucket, static_cast<float>(random.normal())});
    const bool label = random.below(3) == 0;
    const double weight = 0.5 + random.uniform();
    CHECK(model.learn(inputs, label, weight) == Approx(naive.learn(inputs, label, weight)).margin(1e-4));
  }
  for (uint32_t bucket = 0; bucket < 40; ++bucket)
    CHECK(model.weight(bucket) == Approx(naive.weight(bucket)).margin(1e-4));
}

TEST_CASE("FTRL learns the odds of what it sees without features") {
  Ftrl model({});
  Random random(9);
  for (int i = 0; i < 20'000; ++i)
    model.learn({}, random.below(10) == 0);
  CHECK(sigmoid(model.score({})) == Approx(0.1).margin(0.02));
}

TEST_CASE("FTRL leaves weights at exactly 0 that the evidence does not carry") {
  const Ftrl hash({});
  const auto weights_left = [&](double l1) {
    const Ftrl model = fit_ftrl({.l1 = l1}, clicks(5'000, 3, hash), 1, 1);
    int left = 0;
    for (int noise = 0; noise < 1000; ++noise)
      left += model.weight(model.bucket("noise=" + std::to_string(noise))) != 0 ? 1 : 0;
    return left;
  };
  CHECK(weights_left(0) > 900);
  CHECK(weights_left(3) < 100);
}

TEST_CASE("FTRL ranks unseen examples nearly as well as the truth does, and better after more passes") {
  const Ftrl hash({});
  const auto train = clicks(4'000, 1, hash), test = clicks(4'000, 2, hash);
  const auto first = foretell(fit_ftrl({.alpha = 0.4}, train, 1, 1), test);
  const double once = area_under_curve(first);
  const auto five = foretell(fit_ftrl({.alpha = 0.4}, train, 5, 1), test);
  CHECK(once > 0.83);
  CHECK(area_under_curve(five) > once - 0.005);
  CHECK(log_loss(five) < log_loss(first) + 0.02);
  CHECK(expected_calibration_error(reliability(first)) < 0.1);
}

TEST_CASE("the same examples and seed give the same FTRL model") {
  const Ftrl hash({});
  const auto train = clicks(500, 1, hash);
  const Ftrl a = fit_ftrl({}, train, 3, 7), b = fit_ftrl({}, train, 3, 7), c = fit_ftrl({}, train, 3, 8);
  bool same = true, differs = false;
  for (uint32_t bucket = 0; bucket < a.parameters().buckets; ++bucket) {
    same = same && a.slot(bucket) == b.slot(bucket);
    differs = differs || !(a.slot(bucket) == c.slot(bucket));
  }
  CHECK(same);
  CHECK(differs);
}

TEST_CASE("no feature shares the bias's bucket, and the sigmoid bears any log-odds") {
  const Ftrl small({.buckets = 2});
  CHECK(small.bucket("a") == 1);
  CHECK(small.bucket("b") == 1);
  CHECK(sigmoid(-1000) == 0);
  CHECK(sigmoid(1000) == 1);
  CHECK(sigmoid(logit(0.37)) == Approx(0.37));
}

}  // namespace
}  // namespace penstock
