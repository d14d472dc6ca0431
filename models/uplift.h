// What an A/B experiment shows: means over users, the unit that was randomised, and their differences with intervals.
// Pure functions; any thread.
//
// A variant's state is sums over its users of what each did (impressions seen, outcomes, their value), and their squares;
// so the variance is that between users, however many impressions each had.
//
// mean           m = Σ y / n with variance s² / n
// difference     m₂ − m₁ with Welch's interval, t quantile at the freedom of Welch and Satterthwaite. Welch, "The
//                generalization of Student's problem when several different population variances are involved", 1947.
// ratio          R = Σ y / Σ x (outcomes by impression), by the delta method:
//                var R ≈ (s_y² − 2 R s_xy + R² s_x²) / (n x̄²). Deng, Knoblich, Lu, "Applying the delta method in metric
//                analytics", KDD 2018.
// relative       m₂ / m₁ − 1, by the delta method for ln(m₂ / m₁), so that no interval reaches below −1; none unless m₂ / m₁ > 0.
// mismatch       chi-squared test of users by variant against the declared shares; below 0.001 the assignment (or what
//                counts users) is broken, and no other figure means anything. Fabijan et al., KDD 2019.
//
// Intervals hold for one look at a time fixed before: who looks until an interval leaves 0 finds differences that are not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace penstock {

/// Sums over the users of one variant. x: impressions; y: outcomes; v: value.
struct VariantSums {
  uint64_t users = 0;
  uint64_t converted = 0;  // users with an outcome
  double x = 0, y = 0, v = 0;
  double xx = 0, yy = 0, vv = 0, xy = 0;

  /// Counts a user with these totals; `sign` -1 takes them back.
  void add(double impressions, double outcomes, double value, int sign = 1);
  bool operator==(const VariantSums&) const = default;
};

struct Estimate {
  double value = 0;
  double low = 0, high = 0;  // of 95 %
};

struct MetricUplift {
  std::string metric;   // conversion, outcomes_per_user, value_per_user, outcomes_per_impression
  Estimate value;       // of the variant itself
  Estimate difference;  // from the first variant; 0 of that itself
  Estimate relative;    // difference divided by the first's value; not finite if that is 0
  double p_value = 1;   // of no difference
};

/// All metrics of the variant against `first`. Not finite where there are too few users to tell.
std::vector<MetricUplift> uplift(const VariantSums& first, const VariantSums& variant);

/// P-value of as uneven numbers of users, if the shares were kept. 1 without users.
double sample_ratio_mismatch(std::span<const uint64_t> users, std::span<const double> shares);
inline constexpr double kMismatch = 0.001;

}  // namespace penstock
