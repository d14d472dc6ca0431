#include "models/off_policy.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace penstock {
namespace {

// Two situations, three arms; what each earns on average is known, and the log was made by a policy that prefers arm 0.
constexpr double kPays[2][3] = {{0.2, 0.6, 0.3}, {0.5, 0.1, 0.4}};
constexpr double kLogged[3] = {0.6, 0.25, 0.15};

std::vector<LoggedDecision> logged(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<LoggedDecision> log;
  for (size_t i = 0; i < count; ++i) {
    const size_t situation = random.below(2);
    const double u = random.uniform();
    const size_t arm = u < 0.6 ? 0 : u < 0.85 ? 1 : 2;
    log.push_back(
        {arm, {1, static_cast<double>(situation)}, random.uniform() < kPays[situation][arm] ? 1.0 : 0.0, kLogged[arm]});
  }
  return log;
}

const BanditOptions kOptions{.policy = BanditPolicy::kLinUcb, .dimension = 2};

struct Always final : TargetPolicy {
  explicit Always(size_t chosen) : arm(chosen) {}
  std::vector<double> probabilities(std::span<const ArmBelief> arms, uint64_t) const override {
    std::vector<double> out(arms.size());
    out[arm] = 1;
    return out;
  }
  size_t arm;
};

struct Greedy final : TargetPolicy {
  std::vector<double> probabilities(std::span<const ArmBelief> arms, uint64_t number) const override {
    return propensities(arms, {.policy = BanditPolicy::kLinUcb, .explore = 0, .alpha = 0}, number);
  }
};

bool holds(const Estimate& estimate, double truth) { return estimate.low <= truth && truth <= estimate.high; }

TEST_CASE("the estimators are the formulas") {
  const std::vector<EvaluatedDecision> two = {{1, 0.5, 1, 0.8, 0.7}, {0, 0.25, 0.5, 0.1, 0.3}};
  const PolicyValue value = evaluate_policy(two);
  CHECK(value.ips.value == Approx((2 * 1 + 2 * 0) / 2.0));
  CHECK(value.snips.value == Approx(2.0 / 4));
  CHECK(value.dr.value == Approx((0.7 + 2 * 0.2 + 0.3 + 2 * -0.1) / 2));
  CHECK(value.effective == Approx(2));
  CHECK(value.heaviest == 2);
  CHECK(std::isnan(evaluate_policy(std::vector<EvaluatedDecision>{}).ips.value));
}

TEST_CASE("what another policy would have earned is inside the interval 95 times in 100, without bias") {
  constexpr int kLogs = 200;
  for (size_t arm = 0; arm < 3; ++arm) {
    const double truth = (kPays[0][arm] + kPays[1][arm]) / 2;
    int ips = 0, snips = 0, dr = 0;
    double mean_ips = 0, mean_dr = 0, width_ips = 0, width_dr = 0;
    for (uint64_t seed = 0; seed < kLogs; ++seed) {
      const PolicyValue value = evaluate_policy(logged(1200, 100 + seed), 3, kOptions, Always(arm));
      ips += holds(value.ips, truth), snips += holds(value.snips, truth), dr += holds(value.dr, truth);
      mean_ips += value.ips.value / kLogs, mean_dr += value.dr.value / kLogs;
      width_ips += value.ips.high - value.ips.low, width_dr += value.dr.high - value.dr.low;
    }
    CAPTURE(arm);
    for (const int held : {ips, snips, dr})
      CHECK(static_cast<double>(held) / kLogs == Approx(0.95).margin(0.045));
    CHECK(mean_ips == Approx(truth).margin(0.01));
    CHECK(mean_dr == Approx(truth).margin(0.01));
    CHECK(width_dr < width_ips);  // what the reward model is for
  }
}

TEST_CASE("a policy that learns from the log is worth what the best arm of each situation pays") {
  const PolicyValue value = evaluate_policy(logged(6000, 4), 3, kOptions, Greedy());
  CHECK(value.dr.value == Approx(0.55).margin(0.05));  // (0.6 + 0.5) / 2; the logging policy earns about 0.35
  CHECK(holds(value.dr, 0.55));
  CHECK(value.effective > 1000);
  CHECK(value.effective < 6000);
}

TEST_CASE("doubly robust stands a reward model that is wrong, as the propensities are right") {
  std::vector<EvaluatedDecision> decisions;
  for (const LoggedDecision& one : logged(20'000, 8))
    decisions.push_back({one.reward, one.propensity, one.arm == 1 ? 1.0 : 0.0, 0.9, 0.9});  // the model says 0.9 of all
  CHECK(holds(evaluate_policy(decisions).dr, 0.35));
}

}  // namespace
}  // namespace penstock
