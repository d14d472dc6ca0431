#include "models/bandit.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "models/beta_draw.h"

namespace penstock {
namespace {

constexpr uint64_t kChoiceSalt =
    0x6368'6f69'6365ULL;  // the draw of the arm is independent of those behind its propensity

size_t row_of(size_t i) { return i * (i + 1) / 2; }

size_t greatest(std::span<const double> values) {  // the first of equals
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

// L with L Lᵀ = λI + Σ x xᵀ. Every pivot is at least λ but for rounding, so there is no pivoting.
std::vector<double> cholesky(const BanditArm& arm, size_t d, double lambda) {
  std::vector<double> lower(row_of(d));
  for (size_t i = 0; i < d; ++i)
    for (size_t j = 0; j <= i; ++j) {
      double sum = (arm.xx.empty() ? 0 : arm.xx[row_of(i) + j]) + (i == j ? lambda : 0);
      for (size_t k = 0; k < j; ++k)
        sum -= lower[row_of(i) + k] * lower[row_of(j) + k];
      lower[row_of(i) + j] = i == j ? std::sqrt(std::max(sum, lambda)) : sum / lower[row_of(j) + j];
    }
  return lower;
}

// L y = x.
std::vector<double> forward(std::span<const double> lower, std::span<const double> x) {
  std::vector<double> y(x.begin(), x.end());
  for (size_t i = 0; i < y.size(); ++i) {
    for (size_t k = 0; k < i; ++k)
      y[i] -= lower[row_of(i) + k] * y[k];
    y[i] /= lower[row_of(i) + i];
  }
  return y;
}

// Lᵀ z = y, in place.
void backward(std::span<const double> lower, std::vector<double>& y) {
  for (size_t i = y.size(); i-- > 0;) {
    for (size_t k = i + 1; k < y.size(); ++k)
      y[i] -= lower[row_of(k) + i] * y[k];
    y[i] /= lower[row_of(i) + i];
  }
}

double draw(const ArmBelief& arm, const BanditOptions& options, Random& random) {
  return options.linear() ? arm.mean + arm.deviation * random.normal() : beta_draw(arm.a, arm.b, random);
}

}  // namespace

void BanditArm::learn(std::span<const double> x, double r) {
  ++trials;
  reward += r;
  if (x.empty())
    return;
  xx.resize(row_of(x.size()));
  xr.resize(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    xr[i] += r * x[i];
    for (size_t j = 0; j <= i; ++j)
      xx[row_of(i) + j] += x[i] * x[j];
  }
}

ArmPosterior::ArmPosterior(const BanditArm& arm, const BanditOptions& options) : options_(options) {
  if (!options.linear()) {
    const double a = options.successes + arm.reward;
    const double b = options.failures + static_cast<double>(arm.trials) - arm.reward;
    const double n = a + b;
    constant_ = {a / n, std::sqrt(a * b / (n * n * (n + 1))), a, b};
    return;
  }
  const auto d = static_cast<size_t>(options.dimension);
  lower_ = cholesky(arm, d, options.regularization);
  theta_ = arm.xr.empty() ? std::vector<double>(d) : forward(lower_, arm.xr);
  backward(lower_, theta_);
}

ArmBelief ArmPosterior::at(std::span<const double> x) const {
  if (!options_.linear())
    return constant_;
  ArmBelief belief;
  for (size_t i = 0; i < x.size(); ++i)
    belief.mean += theta_[i] * x[i];
  // xᵀA⁻¹x = ‖L⁻¹x‖²
  for (const double y : forward(lower_, x))
    belief.deviation += y * y;
  belief.deviation = std::sqrt(belief.deviation);
  if (options_.policy == BanditPolicy::kLinearThompson)
    belief.deviation *= options_.noise;
  return belief;
}

std::vector<double> propensities(std::span<const ArmBelief> arms, const BanditOptions& options, uint64_t seed) {
  std::vector<double> best(arms.size()), drawn(arms.size());
  if (options.policy == BanditPolicy::kLinUcb) {
    for (size_t i = 0; i < arms.size(); ++i)
      drawn[i] = arms[i].mean + options.alpha * arms[i].deviation;
    best[greatest(drawn)] = 1;
  } else {
    Random random(seed);
    for (int round = 0; round < options.draws; ++round) {
      for (size_t i = 0; i < arms.size(); ++i)
        drawn[i] = draw(arms[i], options, random);
      best[greatest(drawn)] += 1.0 / options.draws;
    }
  }
  for (double& share : best)
    share = (1 - options.explore) * share + options.explore / static_cast<double>(arms.size());
  return best;
}

BanditChoice choose(std::span<const ArmBelief> arms, const BanditOptions& options, uint64_t seed) {
  BanditChoice choice{0, propensities(arms, options, seed)};
  double left = Random(splitmix64(seed ^ kChoiceSalt)).uniform();
  while (choice.arm + 1 < arms.size() && left >= choice.propensities[choice.arm])
    left -= choice.propensities[choice.arm++];
  if (choice.propensities[choice.arm] <= 0)  // what rounding left over
    choice.arm = greatest(choice.propensities);
  return choice;
}

}  // namespace penstock
