// A sum of floats kept as high + low: low collects what rounding took from high. For values of like size no bit at all is
// lost, so that the result depends neither on their order nor on how they were divided. A plain value.
//
// Source: Knuth, The Art of Computer Programming, volume 2, 4.2.2 (TwoSum); Neumaier, "Rundungsfehleranalyse einiger
// Verfahren zur Summation endlicher Summen", ZAMM 54, 1974.
#pragma once

#include <cmath>

namespace penstock::sql {

struct FloatSum {
  double high = 0;
  double low = 0;

  /// False, and nothing added, if the sum of finite numbers would be infinite.
  bool add(double value) {
    const double sum = high + value;
    if (!std::isfinite(sum)) [[unlikely]] {
      if (std::isfinite(high) && std::isfinite(value))
        return false;
      *this = {sum, 0};
      return true;
    }
    const double part = sum - high;
    low += (high - (sum - part)) + (value - part);
    high = sum;
    return true;
  }
  /// Adds another sum; false, and nothing added, as above.
  bool add(const FloatSum& other) {
    if (!add(other.high))
      return false;
    if (std::isfinite(high))
      low += other.low;
    return true;
  }
  double value() const { return high + low; }
  /// The same sum with as much as possible in high, so that equal sums have equal bytes.
  FloatSum normal() const {
    const double sum = high + low;
    return std::isfinite(sum) ? FloatSum{sum, low - (sum - high)} : *this;
  }
  bool operator==(const FloatSum&) const = default;
};

}  // namespace penstock::sql
