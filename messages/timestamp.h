// Timestamps and numbers as text, the same everywhere: in JSON, CSV, messages and plans.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"

namespace penstock {

/// ISO 8601 in UTC with as many decimals (0, 3 or 6) as are needed: `2024-05-01T12:00:00.250Z`.
std::string format_timestamp(Timestamp timestamp);

/// Reads ISO 8601 / RFC 3339: a date, or date and time parted by `T` or a space, seconds and up to 9 decimals (cut to
/// microseconds) optional, with `Z`, ` UTC`, an offset such as `+02:00`, or nothing (UTC). Years 0001 to 9999.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// The shortest decimal text that reads back as the same double; `NaN`, `Infinity`, `-Infinity`.
std::string format_float64(double value);

}  // namespace penstock
