#include "models/distributions.h"

#include <cmath>
#include <limits>

namespace penstock {
namespace {

constexpr int kMostSteps = 10'000;
constexpr double kExact = 1e-15;
constexpr double kTiny = 1e-300;

double not_zero(double x) { return std::abs(x) < kTiny ? kTiny : x; }

// The continued fraction of I_x(a, b).
double beta_fraction(double x, double a, double b) {
  double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m < kMostSteps; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / not_zero(1 + even * d);
    c = not_zero(1 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / not_zero(1 + odd * d);
    c = not_zero(1 + odd / c);
    h *= d * c;
    if (std::abs(d * c - 1) < kExact)
      break;
  }
  return h;
}

// The x at which a growing function reaches p.
template <class F>
double inverse(F cdf, double p) {
  double low = -1, high = 1;
  while (cdf(low) > p && low > -1e300)
    low *= 2;
  while (cdf(high) < p && high < 1e300)
    high *= 2;
  for (int step = 0; step < 200 && high - low > 1e-13 * (std::abs(low) + std::abs(high)); ++step) {
    const double middle = low + (high - low) / 2;
    (cdf(middle) < p ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

}  // namespace

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double normal_quantile(double p) { return inverse(normal_cdf, p); }

double beta_cdf(double x, double a, double b) {
  if (x <= 0 || x >= 1)
    return x <= 0 ? 0 : 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a : 1 - front * beta_fraction(1 - x, b, a) / b;
}

double student_cdf(double t, double freedom) {
  const double tail = 0.5 * beta_cdf(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

double student_quantile(double p, double freedom) {
  return inverse([freedom](double t) { return student_cdf(t, freedom); }, p);
}

double chi_squared_above(double x, double freedom) {
  if (x <= 0)
    return 1;
  const double a = freedom / 2, half = x / 2;
  const double front = std::exp(a * std::log(half) - half - std::lgamma(a));
  if (half < a + 1) {  // the series of the lower part
    double term = 1 / a, sum = term;
    for (int n = 1; n < kMostSteps && std::abs(term) > std::abs(sum) * kExact; ++n)
      sum += term *= half / (a + n);
    return 1 - front * sum;
  }
  double b = half + 1 - a, c = 1 / kTiny, d = 1 / b, h = d;
  for (int n = 1; n < kMostSteps; ++n) {
    const double an = -n * (n - a);
    b += 2;
    d = 1 / not_zero(an * d + b);
    c = not_zero(b + an / c);
    h *= d * c;
    if (std::abs(d * c - 1) < kExact)
      break;
  }
  return front * h;
}

}  // namespace penstock
