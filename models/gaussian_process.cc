#include "models/gaussian_process.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace penstock {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double matern(std::span<const double> a, std::span<const double> b, double length) {
  double squares = 0;
  for (size_t i = 0; i < a.size(); ++i)
    squares += (a[i] - b[i]) * (a[i] - b[i]);
  const double r = std::sqrt(5 * squares) / length;
  return (1 + r + r * r / 3) * std::exp(-r);
}

}  // namespace

GaussianProcess::GaussianProcess(std::vector<std::vector<double>> points, std::span<const double> values)
    : points_(std::move(points)), values_(values.begin(), values.end()) {
  const auto count = static_cast<double>(values_.size());
  double squares = 0;
  for (const double value : values_)
    mean_ += value / count;
  for (const double value : values_)
    squares += (value - mean_) * (value - mean_) / count;
  scale_ = squares > 0 ? std::sqrt(squares) : 1;
  for (double& value : values_)
    value = (value - mean_) / scale_;

  double best = -HUGE_VAL, noise = 1e-4;
  for (const double length : {0.1, 0.2, 0.4, 0.8, 1.6})
    for (const double some : {1e-4, 1e-2, 1e-1})
      if (const double here = likelihood(length, some); here > best) {
        best = here;
        length_ = length;
        noise = some;
      }
  (void)likelihood(length_, noise);
}

// Leaves factor_ and weights_ as they are under these parameters.
double GaussianProcess::likelihood(double length, double noise) {
  const auto n = static_cast<Eigen::Index>(points_.size());
  Matrix kernel(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j <= i; ++j)
      kernel(i, j) = kernel(j, i) = matern(points_[i], points_[j], length) + (i == j ? noise : 0);
  const Eigen::LLT<Matrix> solved(kernel);
  const Eigen::Map<const Eigen::VectorXd> y(values_.data(), n);
  const Eigen::VectorXd weights = solved.solve(y);
  const Matrix lower = solved.matrixL();
  weights_.assign(weights.data(), weights.data() + n);
  factor_.assign(lower.data(), lower.data() + n * n);
  return -0.5 * y.dot(weights) - lower.diagonal().array().log().sum();
}

GaussianProcess::Belief GaussianProcess::at(std::span<const double> point) const {
  const auto n = static_cast<Eigen::Index>(points_.size());
  Eigen::VectorXd near(n);
  for (Eigen::Index i = 0; i < n; ++i)
    near[i] = matern(points_[i], point, length_);
  const Eigen::Map<const Eigen::VectorXd> weights(weights_.data(), n);
  const Eigen::Map<const Matrix> lower(factor_.data(), n, n);
  const Eigen::VectorXd half = lower.triangularView<Eigen::Lower>().solve(near);
  return {mean_ + scale_ * near.dot(weights), scale_ * std::sqrt(std::max(0.0, 1 - half.squaredNorm()))};
}

double expected_improvement(const GaussianProcess::Belief& belief, double best) {
  if (!(belief.deviation > 0))
    return std::max(0.0, belief.mean - best);
  const double z = (belief.mean - best) / belief.deviation;
  const double below = 0.5 * std::erfc(-z / std::numbers::sqrt2);
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  return (belief.mean - best) * below + belief.deviation * density;
}

}  // namespace penstock
