#include "models/uplift.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "models/distributions.h"

namespace penstock {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kUpper = 0.975;

struct Mean {
  double value = kNaN;
  double variance = kNaN;  // of the mean
  double freedom = 0;
};

Mean mean_of(double n, double sum, double squares) {
  if (n < 1)
    return {};
  if (n < 2)
    return {sum / n, kNaN, 0};
  const double variance = std::max(0.0, (squares - sum * sum / n) / (n - 1));
  return {sum / n, variance / n, n - 1};
}

Mean ratio_of(const VariantSums& sums) {
  const auto n = static_cast<double>(sums.users);
  if (n < 2 || sums.x <= 0)
    return {sums.x > 0 ? sums.y / sums.x : kNaN, kNaN, 0};
  const double ratio = sums.y / sums.x, mean_x = sums.x / n;
  const double s_xx = (sums.xx - sums.x * sums.x / n) / (n - 1), s_yy = (sums.yy - sums.y * sums.y / n) / (n - 1);
  const double s_xy = (sums.xy - sums.x * sums.y / n) / (n - 1);
  return {ratio, std::max(0.0, s_yy - 2 * ratio * s_xy + ratio * ratio * s_xx) / (n * mean_x * mean_x), n - 1};
}

Estimate around(double value, double variance, double quantile) {
  const double reach = quantile * std::sqrt(variance);
  return {value, value - reach, value + reach};
}

MetricUplift compare(std::string name, const Mean& first, const Mean& variant) {
  MetricUplift out{std::move(name), {}, {}, {}, 1};
  const double own = variant.freedom > 0 ? student_quantile(kUpper, variant.freedom) : kNaN;
  out.value = around(variant.value, variant.variance, own);
  const double variance = first.variance + variant.variance, difference = variant.value - first.value;
  double freedom = kNaN;  // Welch and Satterthwaite
  if (variance > 0)
    freedom = variance * variance /
              (first.variance * first.variance / first.freedom + variant.variance * variant.variance / variant.freedom);
  else if (variance == 0)
    freedom = first.freedom + variant.freedom;
  const double quantile = std::isfinite(freedom) ? student_quantile(kUpper, freedom) : kNaN;
  out.difference = around(difference, variance, quantile);
  const double ratio = variant.value / first.value;
  const double deviation = std::sqrt(variant.variance / (variant.value * variant.value) +
                                     first.variance / (first.value * first.value));  // of ln(m₂ / m₁)
  const double reach = std::exp(normal_quantile(kUpper) * deviation);
  out.relative =
      ratio > 0 ? Estimate{ratio - 1, ratio / reach - 1, ratio * reach - 1} : Estimate{ratio - 1, kNaN, kNaN};
  if (variance > 0)
    out.p_value = 2 * student_cdf(-std::abs(difference) / std::sqrt(variance), freedom);
  else
    out.p_value = variance == 0 && difference != 0 ? 0 : variance == 0 ? 1 : kNaN;
  return out;
}

}  // namespace

void VariantSums::add(double impressions, double outcomes, double value, int sign) {
  users += static_cast<uint64_t>(sign);
  converted += static_cast<uint64_t>(outcomes > 0 ? sign : 0);
  x += sign * impressions;
  y += sign * outcomes;
  v += sign * value;
  xx += sign * impressions * impressions;
  yy += sign * outcomes * outcomes;
  vv += sign * value * value;
  xy += sign * impressions * outcomes;
}

std::vector<MetricUplift> uplift(const VariantSums& first, const VariantSums& variant) {
  const auto conversion = [](const VariantSums& sums) {
    const auto converted = static_cast<double>(sums.converted);
    return mean_of(static_cast<double>(sums.users), converted, converted);
  };
  const auto outcomes = [](const VariantSums& sums) {
    return mean_of(static_cast<double>(sums.users), sums.y, sums.yy);
  };
  const auto value = [](const VariantSums& sums) { return mean_of(static_cast<double>(sums.users), sums.v, sums.vv); };
  return {compare("conversion", conversion(first), conversion(variant)),
          compare("outcomes_per_user", outcomes(first), outcomes(variant)),
          compare("value_per_user", value(first), value(variant)),
          compare("outcomes_per_impression", ratio_of(first), ratio_of(variant))};
}

double sample_ratio_mismatch(std::span<const uint64_t> users, std::span<const double> shares) {
  const double all = static_cast<double>(std::accumulate(users.begin(), users.end(), uint64_t{0}));
  const double whole = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (all == 0 || users.size() < 2)
    return 1;
  double chi_squared = 0;
  for (size_t i = 0; i < users.size(); ++i) {
    const double expected = all * shares[i] / whole, off = static_cast<double>(users[i]) - expected;
    chi_squared += off * off / expected;
  }
  return chi_squared_above(chi_squared, static_cast<double>(users.size() - 1));
}

}  // namespace penstock
