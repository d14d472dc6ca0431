#include "models/uplift.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"
#include "models/distributions.h"

namespace penstock {
namespace {

const MetricUplift& metric(const std::vector<MetricUplift>& all, const std::string& name) {
  for (const MetricUplift& one : all)
    if (one.metric == name)
      return one;
  FAIL(name);
  return all.front();
}

TEST_CASE("the distributions have the values of printed tables") {
  CHECK(normal_cdf(1.96) == Approx(0.9750021));
  CHECK(normal_quantile(0.975) == Approx(1.959964).epsilon(1e-6));
  CHECK(student_quantile(0.975, 1) == Approx(12.7062).epsilon(1e-5));
  CHECK(student_quantile(0.975, 10) == Approx(2.228139).epsilon(1e-6));
  CHECK(student_quantile(0.95, 30) == Approx(1.697261).epsilon(1e-6));
  CHECK(student_cdf(0, 4) == Approx(0.5));
  CHECK(chi_squared_above(3.841459, 1) == Approx(0.05).epsilon(1e-6));
  CHECK(chi_squared_above(11.0705, 5) == Approx(0.05).epsilon(1e-5));
  CHECK(chi_squared_above(0.554300, 5) == Approx(0.99).epsilon(1e-5));
  CHECK(beta_cdf(0.5, 2, 2) == Approx(0.5));
  CHECK(beta_cdf(0.3, 1, 3) == Approx(1 - 0.7 * 0.7 * 0.7));
}

// The expected figures come from Welch's formulas in Python, with the density of Student's distribution integrated by Simpson's
// rule: difference 2.78, standard error 0.991689, freedom 27.876.
TEST_CASE("differences have Welch's interval and p-value") {
  VariantSums first, second;
  for (const double value : {27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4})
    first.add(1, 0, value);
  for (const double value : {27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 23.6})
    second.add(1, 0, value);
  const MetricUplift found = metric(uplift(first, second), "value_per_user");
  CHECK(found.difference.value == Approx(2.78));
  CHECK(found.difference.low == Approx(0.748210).epsilon(1e-5));
  CHECK(found.difference.high == Approx(4.811790).epsilon(1e-5));
  CHECK(found.p_value == Approx(0.00910288).epsilon(1e-4));
}

TEST_CASE("conversion is the mean of zeros and ones over users") {
  VariantSums first, second;
  for (int user = 0; user < 1000; ++user) {
    first.add(3, user < 100 ? 2 : 0, 0);
    second.add(3, user < 150 ? 1 : 0, 0);
  }
  const MetricUplift found = metric(uplift(first, second), "conversion");
  CHECK(found.difference.value == Approx(0.05));
  // √(0.1·0.9/999 + 0.15·0.85/999) = 0.014755; times 1.9611.
  CHECK(found.difference.low == Approx(0.05 - 0.028937).epsilon(1e-3));
  CHECK(found.relative.value == Approx(0.5));
  // ln 1.5 ± 1.95996 √(0.85 / (0.15 · 999) + 0.9 / (0.1 · 999))
  CHECK(found.relative.low == Approx(1.5 / std::exp(1.95996 * 0.121167) - 1).epsilon(1e-3));
  CHECK(found.relative.high == Approx(1.5 * std::exp(1.95996 * 0.121167) - 1).epsilon(1e-3));
  CHECK(found.p_value == Approx(0.00072).epsilon(0.02));
}

TEST_CASE("the delta method's interval of a ratio holds the truth 95 times in 100") {
  Random random(5);
  int held = 0;
  constexpr int kTries = 600;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    VariantSums sums;
    for (int user = 0; user < 300; ++user) {
      const double taste = 0.1 + 0.2 * random.uniform();  // differs between users, 0.2 on average
      const int seen = 1 + static_cast<int>(random.below(20));
      int clicked = 0;
      for (int i = 0; i < seen; ++i)
        clicked += random.uniform() < taste ? 1 : 0;
      sums.add(seen, clicked, 0);
    }
    const Estimate ratio = metric(uplift(sums, sums), "outcomes_per_impression").value;
    held += ratio.low <= 0.2 && 0.2 <= ratio.high;
  }
  CHECK(static_cast<double>(held) / kTries == Approx(0.95).margin(0.025));
}

TEST_CASE("a user's totals can be taken back and counted anew") {
  VariantSums once, again;
  once.add(4, 2, 9.5);
  again.add(3, 0, 0);
  again.add(3, 0, 0, -1);
  again.add(4, 2, 9.5);
  CHECK(once == again);
}

TEST_CASE("too few users give no interval, and none at all no value") {
  VariantSums none, one;
  one.add(1, 1, 5);
  const MetricUplift found = metric(uplift(none, one), "value_per_user");
  CHECK(found.value.value == 5);
  CHECK(std::isnan(found.value.low));
  CHECK(std::isnan(found.difference.value));
}

TEST_CASE("a sample ratio mismatch is found, and even samples are not one") {
  const std::vector<double> even = {0.5, 0.5}, three = {2, 1, 1};
  const std::vector<uint64_t> fair = {5020, 4980}, broken = {5200, 4800}, nobody = {0, 0}, quarters = {500, 260, 240};
  CHECK(sample_ratio_mismatch(fair, even) > 0.5);
  CHECK(sample_ratio_mismatch(broken, even) < kMismatch);  // chi-squared 16, p = 6.3e-5
  CHECK(sample_ratio_mismatch(broken, even) == Approx(6.334e-5).epsilon(1e-3));
  CHECK(sample_ratio_mismatch(quarters, three) > 0.3);
  CHECK(sample_ratio_mismatch(nobody, even) == 1);
}

}  // namespace
}  // namespace penstock
