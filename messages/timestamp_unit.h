// What a number in a timestamp's place counts. It is never guessed: milliseconds, unless the schema's user says
// otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace penstock {

enum class TimestampUnit { kSeconds, kMillis, kMicros };

/// As written in a topology: s, ms, us.
std::optional<TimestampUnit> parse_timestamp_unit(std::string_view text);
std::string_view timestamp_unit_name(TimestampUnit unit);

/// The moment that many units since 1970, decimals cut to microseconds. Nothing if the text is no number or the moment
/// is outside the years 1 to 9999.
std::optional<Timestamp> timestamp_from_number(std::string_view number, TimestampUnit unit);

/// Units by field, with one for the rest.
struct TimestampUnits {
  TimestampUnit standard = TimestampUnit::kMillis;
  std::vector<std::pair<std::string, TimestampUnit>> of_field;

  TimestampUnit of(std::string_view field) const {
    for (const auto& [name, unit] : of_field)
      if (name == field)
        return unit;
    return standard;
  }
};

}  // namespace penstock
