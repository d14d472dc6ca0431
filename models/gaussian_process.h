// A Gaussian process through measured points: what a function that is dear to evaluate may be elsewhere, and how sure that
// is. For searches over few points in few dimensions; fitting costs points³.
//
//   k(x, x') = (1 + √5 r + 5 r² / 3) exp(−√5 r),  r = |x − x'| / length        (Matérn 5/2)
//   mean(x)  = k(x, X) (K + noise I)⁻¹ y,  variance(x) = 1 − k(x, X) (K + noise I)⁻¹ k(X, x)
//
// Values are standardised first. Length and noise are those of a small grid under which the values are most likely
// (log marginal likelihood: −½ yᵀ(K + noise I)⁻¹y − ½ log |K + noise I|).
// Source: Rasmussen, Williams, "Gaussian processes for machine learning", 2006, sections 2.2 and 5.4.1.
#pragma once

#include <span>
#include <vector>

namespace penstock {

class GaussianProcess {
 public:
  /// `points` are in [0, 1]^d, as many as values, at least one.
  GaussianProcess(std::vector<std::vector<double>> points, std::span<const double> values);

  struct Belief {
    double mean = 0;
    double deviation = 0;
  };
  Belief at(std::span<const double> point) const;
  double length() const { return length_; }

 private:
  double likelihood(double length, double noise);

  std::vector<std::vector<double>> points_;
  std::vector<double> values_;  // standardised
  double mean_ = 0, scale_ = 1;
  double length_ = 1;
  std::vector<double> factor_;   // L of L Lᵀ = K + noise I, lower triangle by rows
  std::vector<double> weights_;  // (K + noise I)⁻¹ y
};

/// How much better than `best` a value is expected to be (for more is better).
/// Source: Jones, Schonlau, Welch, "Efficient global optimization of expensive black-box functions", 1998.
double expected_improvement(const GaussianProcess::Belief& belief, double best);

}  // namespace penstock
