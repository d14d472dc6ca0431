#include "messages/timestamp_unit.h"

#include <array>
#include <cmath>

#include "messages/number_text.h"

namespace penstock {
namespace {

struct Unit {
  TimestampUnit unit;
  std::string_view name;
  int64_t micros;
};
constexpr std::array<Unit, 3> kUnits = {{{TimestampUnit::kSeconds, "s", 1'000'000},
                                         {TimestampUnit::kMillis, "ms", 1000},
                                         {TimestampUnit::kMicros, "us", 1}}};
constexpr int64_t kFirst = -62'135'596'800'000'000;  // 0001-01-01
constexpr int64_t kLast = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999

}  // namespace

std::optional<TimestampUnit> parse_timestamp_unit(std::string_view text) {
  for (const Unit& unit : kUnits)
    if (unit.name == text)
      return unit.unit;
  return std::nullopt;
}

std::string_view timestamp_unit_name(TimestampUnit unit) { return kUnits[static_cast<size_t>(unit)].name; }

std::optional<Timestamp> timestamp_from_number(std::string_view number, TimestampUnit unit) {
  const int64_t factor = kUnits[static_cast<size_t>(unit)].micros;
  int64_t whole = 0;
  if (parse_json_int64(number, whole)) {
    if (whole < kFirst / factor || whole > kLast / factor)
      return std::nullopt;
    return Timestamp{whole * factor};
  }
  double real = 0;
  if (!parse_json_float64(number, real))
    return std::nullopt;
  const double micros = std::floor(real * static_cast<double>(factor) + 1e-3);
  if (!(micros >= static_cast<double>(kFirst) && micros <= static_cast<double>(kLast)))
    return std::nullopt;
  return Timestamp{static_cast<int64_t>(micros)};
}

}  // namespace penstock
