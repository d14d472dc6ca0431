// What another policy would have earned, from the log of one that chose with known probabilities. Pure functions; any thread.
//
// Of n decisions with reward r, chosen with propensity p, that the other policy π would have made with probability π(a|x),
// with weight w = π(a|x) / p and a reward model q:
//
//   ips     mean of w r. Horvitz and Thompson 1952; unbiased where p > 0 wherever π > 0, variance grows with w.
//   snips   Σ w r / Σ w. Swaminathan and Joachims, "The self-normalized estimator for counterfactual learning",
//           NIPS 2015; slightly biased, much less variance; variance by the delta method.
//   dr      mean of Σ_a π(a|x) q(x, a) + w (r − q(x, a)). Dudík, Langford, Li, "Doubly robust policy evaluation and learning",
//           ICML 2011; unbiased if either p or q is right. q must not have been fitted on the decision itself.
//
// Effective sample size: (Σ w)² / Σ w² (Kish 1965). Intervals of 95 % are normal ones: trust them from some hundred
// effective samples on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/bandit.h"
#include "models/uplift.h"

namespace penstock {

struct EvaluatedDecision {
  double reward = 0;
  double propensity = 1;   // over 0
  double probability = 0;  // π(a|x) of the arm that was chosen
  double predicted = 0;    // q(x, a) of that arm
  double expected = 0;     // Σ_a π(a|x) q(x, a)
};

struct PolicyValue {
  uint64_t decisions = 0;
  Estimate ips, snips, dr;
  double effective = 0;  // samples
  double heaviest = 0;   // weight
};

/// Not finite without decisions. Requires: propensities over 0.
PolicyValue evaluate_policy(std::span<const EvaluatedDecision> decisions);

/// A decision as it was logged.
struct LoggedDecision {
  size_t arm = 0;
  std::vector<double> x;  // as BanditContext makes it
  double reward = 0;
  double propensity = 1;
};

/// What a policy does: probabilities of all arms in a situation, given what each arm has learnt so far. `number` is the
/// decision's, for policies that need a seed.
class TargetPolicy {
 public:
  virtual ~TargetPolicy() = default;
  virtual std::vector<double> probabilities(std::span<const ArmBelief> arms, uint64_t number) const = 0;
};

/// Evaluates a policy that learns from this kind of log. Cross-fitting: the log is parted in two halves (even and odd
/// decisions); on each half acts a policy, and predicts a reward model (ridge regression of each arm), that have learnt from
/// the other. `options` say how arms learn. Requires: arms > 0; every decision's arm below it, x of options.dimension entries.
PolicyValue evaluate_policy(std::span<const LoggedDecision> log, size_t arms, const BanditOptions& options,
                            const TargetPolicy& policy);

}  // namespace penstock
