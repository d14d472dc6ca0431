// When a cron schedule falls due: the five fields of crontab(5), `minute hour day-of-month month day-of-week`, in UTC. Pure.
//
// A field is `*`, a value, a range `a-b`, one of these with a step `/n` (not a single value), or several of them parted by
// commas. Months and days of the week may be given by the first three letters of their English names; Sunday is 0 and 7.
// `@hourly @daily @weekly @monthly @yearly` stand for a whole schedule. As in crontab(5): if neither day field begins with
// `*`, a day matches when either of them does; else it must match both. Why this is ours: docs/decisions/0012.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/ids.h"

namespace penstock {

class CronSchedule {
 public:
  /// What is wrong with a text, and at which byte.
  struct Problem {
    size_t offset = 0;
    std::string text;
    std::string hint;
  };
  /// A schedule that would never fall due (`0 0 30 2 *`) is a problem too.
  static std::variant<CronSchedule, Problem> parse(std::string_view text);

  /// The first minute strictly after `time` that matches. Requires: a time of the years 1970 to 9999.
  Timestamp next_after(Timestamp time) const;

 private:
  CronSchedule() = default;
  bool matches_day(int64_t day) const;
  int64_t next_day(int64_t day) const;

  // One bit for each value that matches.
  uint64_t minutes_ = 0;
  uint64_t hours_ = 0;
  uint64_t days_ = 0;
  uint64_t months_ = 0;
  uint64_t weekdays_ = 0;
  bool either_day_ = false;  // both day fields are given: one of them is enough
};

}  // namespace penstock
