// A contextual bandit: which of several arms (offers) to choose, learning from the reward of each choice. What it has
// learnt of an arm (BanditArm) is sums of what happened, so that it grows event by event and any two orders of the same
// events give the same arm; what it believes of an arm in a situation x (ArmBelief) is one number with its uncertainty;
// the propensities are the probabilities with which it chooses. Pure: randomness comes from a seed. Any thread.
//
//   thompson         arm a pays with probability p_a ~ Beta(s + Σr, f + n − Σr), context ignored. Rewards in [0, 1].
//                    Thompson 1933; Chapelle and Li, "An empirical evaluation of Thompson sampling", NIPS 2011.
//   linear_thompson  reward = θ_aᵀx + noise, θ_a ~ N(A⁻¹b, v²A⁻¹). Agrawal and Goyal, "Thompson sampling for contextual
//                    bandits with linear payoffs", ICML 2013, with arms of their own parameters (disjoint).
//   linucb           greatest θ_aᵀx + α √(xᵀA⁻¹x). Li, Chu, Langford, Schapire, "A contextual-bandit approach to
//                    personalized news article recommendation", WWW 2010, algorithm 1 (disjoint).
//
// with A = λI + Σ x xᵀ and b = Σ r x over the arm's choices.
//
// Propensities. Under Thompson sampling P(a) = P(the draw for a is the greatest) is estimated from `draws` seeded rounds,
// and the arm is then drawn from those very numbers; so what is logged is the probability that the choice had, not an
// estimate of it, and off-policy evaluation stays unbiased. Of that a share `explore` is spread evenly, so that no
// propensity is below explore / arms.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace penstock {

enum class BanditPolicy : uint8_t { kThompson, kLinearThompson, kLinUcb };

struct BanditOptions {
  BanditPolicy policy = BanditPolicy::kThompson;
  int dimension = 1;      // of x
  double explore = 0.05;  // share of choices that are even, in [0, 1]
  double successes = 1;   // s and f: the prior of thompson, over 0
  double failures = 1;
  double regularization = 1;  // λ, over 0
  double noise = 0.5;         // v of linear_thompson: the deviation of a reward around its mean, over 0
  double alpha = 1;           // of linucb, not below 0
  int draws = 500;            // rounds behind a propensity under Thompson sampling
  bool linear() const { return policy != BanditPolicy::kThompson; }
};

/// What one arm has seen: sums alone.
struct BanditArm {
  uint64_t trials = 0;
  double reward = 0;       // Σ r
  std::vector<double> xx;  // Σ x xᵀ, the lower triangle row by row: d (d + 1) / 2; empty: zeros
  std::vector<double> xr;  // Σ r x; empty: zeros

  /// Requires: x has as many entries as before, or is empty for a policy without context.
  void learn(std::span<const double> x, double r);
  size_t memory() const { return sizeof *this + (xx.capacity() + xr.capacity()) * sizeof(double); }
};

/// What is believed of an arm in one situation. Beta(a, b) of thompson; else the reward's mean and its deviation.
struct ArmBelief {
  double mean = 0;
  double deviation = 0;
  double a = 0, b = 0;
};

/// An arm, solved: answers beliefs in any situation. Immutable.
class ArmPosterior {
 public:
  ArmPosterior(const BanditArm& arm, const BanditOptions& options);
  /// Requires: x has options.dimension entries (thompson: any).
  ArmBelief at(std::span<const double> x) const;

 private:
  BanditOptions options_;
  ArmBelief constant_;         // of thompson
  std::vector<double> lower_;  // L with L Lᵀ = A, row by row: d (d + 1) / 2
  std::vector<double> theta_;  // A⁻¹ b
};
using ArmPosteriorPtr = std::shared_ptr<const ArmPosterior>;

/// The probability of each arm. Sums to 1. Requires: at least one arm.
std::vector<double> propensities(std::span<const ArmBelief> arms, const BanditOptions& options, uint64_t seed);

struct BanditChoice {
  size_t arm = 0;
  std::vector<double> propensities;
};
/// The same beliefs and seed give the same choice. Requires: at least one arm.
BanditChoice choose(std::span<const ArmBelief> arms, const BanditOptions& options, uint64_t seed);

}  // namespace penstock
