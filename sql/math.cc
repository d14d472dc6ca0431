// Mathematical functions. Integers are taken as float64, except by abs and mod.
#include <cmath>

#include "sql/functions.h"

namespace penstock::sql {
namespace {

constexpr const char* kOverflow = "the result does not fit float64 (overflow)";

template <double (*kFunction)(double)>
Vector plain(const Call& call) {
  return map<double, double>(call, kFunction);
}

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }  // also of NaN
// To the nearest, ties to even: PostgreSQL's round(double precision).
double nearest_even(double x) { return std::nearbyint(x); }
double ceiling(double x) { return std::ceil(x); }
double floored(double x) { return std::floor(x); }
double truncated(double x) { return std::trunc(x); }
double absolute(double x) { return std::fabs(x); }
double degrees(double x) { return x * (180.0 / M_PI); }
double radians(double x) { return x * (M_PI / 180.0); }

Vector absolute_int(const Call& call) {
  return try_map<int64_t, int64_t>(call, [](int64_t x, int64_t& out) -> const char* {
    if (x == INT64_MIN)
      return "the result does not fit int64";
    out = x < 0 ? -x : x;
    return nullptr;
  });
}

Vector square_root(const Call& call) {
  return try_map<double, double>(call, [](double x, double& out) -> const char* {
    if (x < 0)
      return "cannot take the square root of a negative number";
    out = std::sqrt(x);
    return nullptr;
  });
}

Vector exponential(const Call& call) {
  return try_map<double, double>(call, [](double x, double& out) -> const char* {
    out = std::exp(x);
    if (std::isinf(out) && !std::isinf(x))
      return kOverflow;
    return out == 0 && !std::isinf(x) ? "the result is too small for float64 (underflow)" : nullptr;
  });
}

const char* logarithm_problem(double x) {
  return x == 0  ? "cannot take the logarithm of zero"
         : x < 0 ? "cannot take the logarithm of a negative number"
                 : nullptr;
}

template <double (*kFunction)(double)>
Vector logarithm(const Call& call) {
  return try_map<double, double>(call, [](double x, double& out) -> const char* {
    if (const char* problem = logarithm_problem(x))
      return problem;
    out = kFunction(x);
    return nullptr;
  });
}
double natural(double x) { return std::log(x); }
double decimal(double x) { return std::log10(x); }

Vector logarithm_of_base(const Call& call) {
  return try_map<double, double, double>(call, [](double base, double x, double& out) -> const char* {
    for (const double value : {base, x})
      if (const char* problem = logarithm_problem(value))
        return problem;
    if (base == 1)
      return "division by zero";
    out = std::log(x) / std::log(base);
    return nullptr;
  });
}

// Source of the special cases: dpow() of PostgreSQL's float.c.
const char* power_of(double base, double exponent, double& out) {
  if (std::isnan(base) || std::isnan(exponent)) {
    out = exponent == 0 || base == 1 ? 1 : NAN;
    return nullptr;
  }
  if (base == 0 && exponent < 0)
    return "zero raised to a negative power is undefined";
  if (base < 0 && std::floor(exponent) != exponent)
    return "a negative number raised to a power that is no integer is not real";
  out = std::pow(base, exponent);
  if (std::isinf(base) || std::isinf(exponent))
    return nullptr;
  if (std::isinf(out))
    return kOverflow;
  return out == 0 && base != 0 ? "the result is too small for float64 (underflow)" : nullptr;
}
Vector power(const Call& call) { return try_map<double, double, double>(call, power_of); }

// round(x, n) as PostgreSQL's numeric does it, halves away from zero. A double that is within a rounding error of a half
// (2.345 is really 2.34499999...) was meant as that half: numeric would have been made from its 15 digits.
double round_decimal(double x, int64_t digits) {
  if (!std::isfinite(x) || digits > 300)
    return x;
  if (digits < -308)
    return 0;
  const double scale = std::pow(10.0, static_cast<double>(std::abs(digits)));
  const double scaled = digits >= 0 ? x * scale : x / scale;
  if (!std::isfinite(scaled) || std::fabs(scaled) >= 0x1p52)
    return x;
  const double rounded = std::trunc(scaled + std::copysign(0.5 + std::fabs(scaled) * 1e-15, scaled));
  return digits >= 0 ? rounded / scale : rounded * scale;
}
double truncate_decimal(double x, int64_t digits) {
  if (!std::isfinite(x) || digits > 300)
    return x;
  if (digits < -308)
    return 0;
  const double scale = std::pow(10.0, static_cast<double>(std::abs(digits)));
  const double scaled = digits >= 0 ? x * scale : x / scale;
  if (!std::isfinite(scaled) || std::fabs(scaled) >= 0x1p52)
    return x;
  const double whole = std::trunc(scaled + std::copysign(std::fabs(scaled) * 1e-15, scaled));
  return digits >= 0 ? whole / scale : whole * scale;
}
Vector round_to(const Call& call) { return map<double, double, int64_t>(call, round_decimal); }
Vector truncate_to(const Call& call) { return map<double, double, int64_t>(call, truncate_decimal); }

}  // namespace

std::span<const Function> math_functions() {
  using enum Type;
  using enum Fails;
  static const std::vector<Function> list = {
      {"abs", {kInt64}, kInt64, absolute_int, kYes},
      {"abs", {kFloat64}, kFloat64, plain<absolute>},
      {"ceil", {kFloat64}, kFloat64, plain<ceiling>},
      {"ceiling", {kFloat64}, kFloat64, plain<ceiling>},
      {"degrees", {kFloat64}, kFloat64, plain<degrees>},
      {"exp", {kFloat64}, kFloat64, exponential, kYes},
      {"floor", {kFloat64}, kFloat64, plain<floored>},
      {"ln", {kFloat64}, kFloat64, logarithm<natural>, kYes},
      {"log", {kFloat64}, kFloat64, logarithm<decimal>, kYes},
      {"log", {kFloat64, kFloat64}, kFloat64, logarithm_of_base, kYes},
      {"log10", {kFloat64}, kFloat64, logarithm<decimal>, kYes},
      {"pow", {kFloat64, kFloat64}, kFloat64, power, kYes},
      {"power", {kFloat64, kFloat64}, kFloat64, power, kYes},
      {"^", {kFloat64, kFloat64}, kFloat64, power, kYes},
      {"radians", {kFloat64}, kFloat64, plain<radians>},
      {"round", {kFloat64}, kFloat64, plain<nearest_even>},
      {"round", {kFloat64, kInt64}, kFloat64, round_to},
      {"sign", {kFloat64}, kFloat64, plain<sign>},
      {"sqrt", {kFloat64}, kFloat64, square_root, kYes},
      {"trunc", {kFloat64}, kFloat64, plain<truncated>},
      {"trunc", {kFloat64, kInt64}, kFloat64, truncate_to},
  };
  return list;
}

}  // namespace penstock::sql
