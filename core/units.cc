#include "core/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace penstock {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 6> kTimeUnits = {
    {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}}};
constexpr std::array<Unit, 9> kSizeUnits = {{{"B", 1},
                                             {"KiB", 1024.0},
                                             {"MiB", 1048576.0},
                                             {"GiB", 1073741824.0},
                                             {"TiB", 1099511627776.0},
                                             {"KB", 1e3},
                                             {"MB", 1e6},
                                             {"GB", 1e9},
                                             {"TB", 1e12}}};

template <size_t N>
Result<double> parse_with_unit(std::string_view text, const std::array<Unit, N>& units, std::string_view expected) {
  const auto wrong = [&] { return invalid_argument("\"" + std::string(text) + "\" is not " + std::string(expected)); };
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || !std::isfinite(number))
    return wrong();
  const std::string_view rest(end, text.data() + text.size() - end);
  if (rest.empty() && number == 0)
    return 0.0;
  for (const Unit& unit : units) {
    if (rest != unit.name)
      continue;
    const double scaled = number * unit.factor;
    if (scaled > 9.0e18)
      return wrong();
    return scaled;
  }
  return wrong();
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  PENSTOCK_ASSIGN(const double micros,
                  parse_with_unit(text, kTimeUnits, "a duration: a number with us, ms, s, m, h or d, such as 50ms"));
  return Duration{std::llround(micros)};
}

Result<Bytes> parse_bytes(std::string_view text) {
  PENSTOCK_ASSIGN(const double count,
                  parse_with_unit(text, kSizeUnits, "a size: a number with B, KiB, MiB, GiB or TiB, such as 64MiB"));
  return Bytes{static_cast<uint64_t>(count)};
}

std::string to_string(Duration duration) {
  for (auto unit = kTimeUnits.rbegin(); unit != kTimeUnits.rend(); ++unit) {
    const auto factor = static_cast<int64_t>(unit->factor);
    if (duration.micros != 0 && duration.micros % factor == 0)
      return std::to_string(duration.micros / factor) + std::string(unit->name);
  }
  return "0s";
}

std::string to_string(Bytes bytes) {
  size_t unit = 0;
  auto number = static_cast<double>(bytes.count);
  while (number >= 1024 && unit < 4) {
    number /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  const bool whole = number == std::floor(number) || number >= 100;
  std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.1f", number);
  return text.data() + std::string(kSizeUnits[unit].name);
}

}  // namespace penstock
