// Fields of a timestamp, and intervals. Names as in PostgreSQL. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::sql {

enum class TimeField : int64_t {
  kMicroseconds,
  kMilliseconds,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kDow,
  kIsodow,
  kDoy,
  kIsoyear,
  kEpoch,
  kJulian,
};

/// `day`, `days`, `DAY` ... Absent if there is none of that name.
std::optional<TimeField> parse_time_field(std::string_view name);
/// Whether date_trunc knows the field (not dow, doy, epoch ...).
bool can_truncate(TimeField field);

double extract(TimeField field, int64_t micros);
int64_t truncate(TimeField field, int64_t micros);

struct Interval {
  int64_t months = 0;
  int64_t days = 0;
  int64_t micros = 0;
};
/// `5 minutes`, `1 day 02:30:00`, `-1 year 2 months`, `1.5 hours`. Absent if it is not understood.
std::optional<Interval> parse_interval(std::string_view text);
/// Months first (cut to the month's last day), then days, then the time. Absent outside the years 1 to 9999.
std::optional<int64_t> shift(int64_t micros, const Interval& by);

}  // namespace penstock::sql
