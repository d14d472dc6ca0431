#include "sql/time_fields.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace penstock::sql {
namespace {

using namespace std::chrono;

constexpr int64_t kSecondMicros = 1'000'000;
constexpr int64_t kMinuteMicros = 60 * kSecondMicros;
constexpr int64_t kHourMicros = 60 * kMinuteMicros;
constexpr int64_t kDayMicros = 24 * kHourMicros;
constexpr int64_t kFirst = -62'135'596'800 * kSecondMicros;  // 0001-01-01
constexpr int64_t kLast = 253'402'300'800 * kSecondMicros;   // 10000-01-01, not included

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

struct Moment {
  int64_t day;     // since 1970-01-01
  int64_t in_day;  // microseconds
  year_month_day date;
};
Moment moment(int64_t micros) {
  const int64_t day = floor_div(micros, kDayMicros);
  return {day, micros - day * kDayMicros, year_month_day(sys_days(days(day)))};
}

int64_t day_number(int64_t y, unsigned m, unsigned d) {
  return sys_days(year(static_cast<int>(y)) / month(m) / day(d)).time_since_epoch().count();
}
// 0 is Sunday.
int64_t weekday_of(int64_t day_since_epoch) { return ((day_since_epoch + 4) % 7 + 7) % 7; }
int64_t monday_of(int64_t day_since_epoch) { return day_since_epoch - (weekday_of(day_since_epoch) + 6) % 7; }
// The ISO year is that of the week's Thursday.
int64_t iso_year(int64_t day_since_epoch) {
  return static_cast<int>(year_month_day(sys_days(days(monday_of(day_since_epoch) + 3))).year());
}
int64_t iso_week(int64_t day_since_epoch) {
  const int64_t first_monday = monday_of(day_number(iso_year(day_since_epoch), 1, 4));
  return (monday_of(day_since_epoch) - first_monday) / 7 + 1;
}

struct NamedField {
  std::string_view name;
  TimeField field;
};
constexpr auto kFields = std::to_array<NamedField>({
    {"microseconds", TimeField::kMicroseconds},
    {"microsecond", TimeField::kMicroseconds},
    {"us", TimeField::kMicroseconds},
    {"milliseconds", TimeField::kMilliseconds},
    {"millisecond", TimeField::kMilliseconds},
    {"ms", TimeField::kMilliseconds},
    {"second", TimeField::kSecond},
    {"seconds", TimeField::kSecond},
    {"sec", TimeField::kSecond},
    {"secs", TimeField::kSecond},
    {"s", TimeField::kSecond},
    {"minute", TimeField::kMinute},
    {"minutes", TimeField::kMinute},
    {"min", TimeField::kMinute},
    {"mins", TimeField::kMinute},
    {"m", TimeField::kMinute},
    {"hour", TimeField::kHour},
    {"hours", TimeField::kHour},
    {"h", TimeField::kHour},
    {"hr", TimeField::kHour},
    {"hrs", TimeField::kHour},
    {"day", TimeField::kDay},
    {"days", TimeField::kDay},
    {"d", TimeField::kDay},
    {"week", TimeField::kWeek},
    {"weeks", TimeField::kWeek},
    {"w", TimeField::kWeek},
    {"month", TimeField::kMonth},
    {"months", TimeField::kMonth},
    {"mon", TimeField::kMonth},
    {"mons", TimeField::kMonth},
    {"quarter", TimeField::kQuarter},
    {"qtr", TimeField::kQuarter},
    {"year", TimeField::kYear},
    {"years", TimeField::kYear},
    {"y", TimeField::kYear},
    {"yr", TimeField::kYear},
    {"yrs", TimeField::kYear},
    {"decade", TimeField::kDecade},
    {"decades", TimeField::kDecade},
    {"century", TimeField::kCentury},
    {"centuries", TimeField::kCentury},
    {"millennium", TimeField::kMillennium},
    {"millennia", TimeField::kMillennium},
    {"dow", TimeField::kDow},
    {"isodow", TimeField::kIsodow},
    {"doy", TimeField::kDoy},
    {"isoyear", TimeField::kIsoyear},
    {"epoch", TimeField::kEpoch},
    {"julian", TimeField::kJulian},
});

// Centuries and millennia begin with a year 1.
int64_t first_year(int64_t y, int64_t length) { return floor_div(y - 1, length) * length + 1; }

}  // namespace

std::optional<TimeField> parse_time_field(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto* found =
      std::find_if(kFields.begin(), kFields.end(), [&](const NamedField& f) { return f.name == lower; });
  return found == kFields.end() ? std::nullopt : std::optional(found->field);
}

bool can_truncate(TimeField field) { return field <= TimeField::kMillennium; }

double extract(TimeField field, int64_t micros) {
  const Moment at = moment(micros);
  const int64_t y = static_cast<int>(at.date.year());
  const unsigned m = static_cast<unsigned>(at.date.month());
  const int64_t in_minute = at.in_day % kMinuteMicros;
  switch (field) {
    case TimeField::kMicroseconds: return static_cast<double>(in_minute);
    case TimeField::kMilliseconds: return static_cast<double>(in_minute) / 1e3;
    case TimeField::kSecond: return static_cast<double>(in_minute) / 1e6;
    case TimeField::kMinute: return static_cast<double>(at.in_day / kMinuteMicros % 60);
    case TimeField::kHour: return static_cast<double>(at.in_day / kHourMicros);
    case TimeField::kDay: return static_cast<unsigned>(at.date.day());
    case TimeField::kWeek: return static_cast<double>(iso_week(at.day));
    case TimeField::kMonth: return m;
    case TimeField::kQuarter: return (m - 1) / 3 + 1;
    case TimeField::kYear: return static_cast<double>(y);
    case TimeField::kDecade: return static_cast<double>(floor_div(y, 10));
    case TimeField::kCentury: return static_cast<double>(floor_div(y - 1, 100) + 1);
    case TimeField::kMillennium: return static_cast<double>(floor_div(y - 1, 1000) + 1);
    case TimeField::kDow: return static_cast<double>(weekday_of(at.day));
    case TimeField::kIsodow: return static_cast<double>((weekday_of(at.day) + 6) % 7 + 1);
    case TimeField::kDoy: return static_cast<double>(at.day - day_number(y, 1, 1) + 1);
    case TimeField::kIsoyear: return static_cast<double>(iso_year(at.day));
    case TimeField::kEpoch: return static_cast<double>(micros) / 1e6;
    case TimeField::kJulian:
      return static_cast<double>(at.day + 2'440'588) + static_cast<double>(at.in_day) / static_cast<double>(kDayMicros);
  }
  return 0;
}

int64_t truncate(TimeField field, int64_t micros) {
  const auto down_to = [&](int64_t unit) { return floor_div(micros, unit) * unit; };
  const auto years = [&](int64_t y) { return std::max(kFirst, day_number(y, 1, 1) * kDayMicros); };
  switch (field) {
    case TimeField::kMicroseconds: return micros;
    case TimeField::kMilliseconds: return down_to(1000);
    case TimeField::kSecond: return down_to(kSecondMicros);
    case TimeField::kMinute: return down_to(kMinuteMicros);
    case TimeField::kHour: return down_to(kHourMicros);
    case TimeField::kDay: return down_to(kDayMicros);
    default: break;
  }
  const Moment at = moment(micros);
  const int64_t y = static_cast<int>(at.date.year());
  const unsigned m = static_cast<unsigned>(at.date.month());
  switch (field) {
    case TimeField::kWeek: return monday_of(at.day) * kDayMicros;
    case TimeField::kMonth: return day_number(y, m, 1) * kDayMicros;
    case TimeField::kQuarter: return day_number(y, (m - 1) / 3 * 3 + 1, 1) * kDayMicros;
    case TimeField::kDecade: return years(floor_div(y, 10) * 10);
    case TimeField::kCentury: return years(first_year(y, 100));
    case TimeField::kMillennium: return years(first_year(y, 1000));
    default: return years(y);
  }
}

std::optional<int64_t> shift(int64_t micros, const Interval& by) {
  constexpr int64_t kMaxMonths = 12 * 10'000;
  constexpr int64_t kMaxDays = 10'000 * 366;
  if (std::abs(by.months) > kMaxMonths || std::abs(by.days) > kMaxDays || by.micros > kLast - kFirst ||
      by.micros < kFirst - kLast)
    return std::nullopt;
  Moment at = moment(micros);
  if (by.months != 0) {
    const int64_t month_index =
        static_cast<int>(at.date.year()) * int64_t{12} + static_cast<unsigned>(at.date.month()) - 1 + by.months;
    const int64_t y = floor_div(month_index, 12);
    if (y < -9999 || y > 19'999)
      return std::nullopt;
    const auto m = static_cast<unsigned>(month_index - y * 12 + 1);
    const year_month_day_last last(year(static_cast<int>(y)), month_day_last(month(m)));
    at.day = day_number(y, m, static_cast<unsigned>(std::min(at.date.day(), last.day())));
  }
  const int64_t out = (at.day + by.days) * kDayMicros + at.in_day + by.micros;
  return out >= kFirst && out < kLast ? std::optional(out) : std::nullopt;
}

}  // namespace penstock::sql
