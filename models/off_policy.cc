#include "models/off_policy.h"

#include <cmath>
#include <limits>

namespace penstock {
namespace {

constexpr double kReach = 1.959963984540054;  // deviations of a normal interval of 95 %

Estimate mean_of(double sum, double squares, double n) {
  const double mean = sum / n;
  const double variance = n > 1 ? std::max(0.0, (squares - sum * mean) / (n - 1)) / n : NAN;
  const double reach = kReach * std::sqrt(variance);
  return {mean, mean - reach, mean + reach};
}

std::vector<ArmPosterior> solve(const std::vector<BanditArm>& arms, const BanditOptions& options) {
  std::vector<ArmPosterior> out;
  out.reserve(arms.size());
  for (const BanditArm& arm : arms)
    out.emplace_back(arm, options);
  return out;
}

}  // namespace

PolicyValue evaluate_policy(std::span<const EvaluatedDecision> decisions) {
  PolicyValue out;
  out.decisions = decisions.size();
  const auto n = static_cast<double>(decisions.size());
  double ips = 0, ips2 = 0, dr = 0, dr2 = 0, weights = 0, weights2 = 0;
  for (const EvaluatedDecision& one : decisions) {
    const double w = one.probability / one.propensity, earned = w * one.reward;
    const double robust = one.expected + w * (one.reward - one.predicted);
    ips += earned, ips2 += earned * earned;
    dr += robust, dr2 += robust * robust;
    weights += w, weights2 += w * w;
    out.heaviest = std::max(out.heaviest, w);
  }
  out.ips = mean_of(ips, ips2, n);
  out.dr = mean_of(dr, dr2, n);
  out.effective = weights2 > 0 ? weights * weights / weights2 : 0;
  const double value = ips / weights;
  double off = 0;  // Σ w² (r − V)²
  for (const EvaluatedDecision& one : decisions) {
    const double w = one.probability / one.propensity;
    off += w * w * (one.reward - value) * (one.reward - value);
  }
  const double reach = kReach * std::sqrt(off) / weights;
  out.snips = {value, value - reach, value + reach};
  return out;
}

PolicyValue evaluate_policy(std::span<const LoggedDecision> log, size_t arms, const BanditOptions& options,
                            const TargetPolicy& policy) {
  BanditOptions ridge = options;
  ridge.policy = BanditPolicy::kLinUcb;
  std::vector<EvaluatedDecision> evaluated(log.size());
  for (size_t half = 0; half < 2; ++half) {
    std::vector<BanditArm> learnt(arms);
    for (size_t i = 1 - half; i < log.size(); i += 2)
      learnt[log[i].arm].learn(log[i].x, log[i].reward);
    const std::vector<ArmPosterior> acting = solve(learnt, options), predicting = solve(learnt, ridge);
    std::vector<ArmBelief> beliefs(arms);
    for (size_t i = half; i < log.size(); i += 2) {
      for (size_t a = 0; a < arms; ++a)
        beliefs[a] = acting[a].at(log[i].x);
      const std::vector<double> probabilities = policy.probabilities(beliefs, i);
      EvaluatedDecision& one = evaluated[i];
      one.reward = log[i].reward;
      one.propensity = log[i].propensity;
      one.probability = probabilities[log[i].arm];
      for (size_t a = 0; a < arms; ++a) {
        const double q = predicting[a].at(log[i].x).mean;
        one.expected += probabilities[a] * q;
        if (a == log[i].arm)
          one.predicted = q;
      }
    }
  }
  return evaluate_policy(evaluated);
}

}  // namespace penstock
