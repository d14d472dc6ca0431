#include "core/cron.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <ctime>
#include <string>
#include <vector>

#include "core/random.h"

namespace penstock {
namespace {

constexpr int64_t kMinute = 60;

int64_t at(int year, int month, int day, int hour = 0, int minute = 0) {
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  return timegm(&parts);
}

std::string text(int64_t seconds) {
  const std::tm parts = *std::gmtime(&seconds);
  std::array<char, 32> out{};
  std::strftime(out.data(), out.size(), "%a %Y-%m-%d %H:%M", &parts);
  return out.data();
}

CronSchedule parse(const std::string& schedule) {
  const auto parsed = CronSchedule::parse(schedule);
  INFO(schedule);
  REQUIRE(std::holds_alternative<CronSchedule>(parsed));
  return std::get<CronSchedule>(parsed);
}

std::string problem(const std::string& schedule) {
  const auto parsed = CronSchedule::parse(schedule);
  const auto* wrong = std::get_if<CronSchedule::Problem>(&parsed);
  return wrong == nullptr ? "none" : std::to_string(wrong->offset) + ": " + wrong->text;
}

std::string next(const std::string& schedule, int64_t after) {
  return text(parse(schedule).next_after({after * 1'000'000}).micros / 1'000'000);
}

// The slow obvious way: minute after minute, each field a list of values, by the calendar of the C library.
struct Oracle {
  std::array<std::vector<int>, 5> fields;  // sunday is 0
  bool either_day = false;

  static bool has(const std::vector<int>& values, int value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  }
  bool matches(int64_t seconds) const {
    const std::tm parts = *std::gmtime(&seconds);
    const bool date = has(fields[2], parts.tm_mday), weekday = has(fields[4], parts.tm_wday);
    return has(fields[0], parts.tm_min) && has(fields[1], parts.tm_hour) && has(fields[3], parts.tm_mon + 1) &&
           (either_day ? date || weekday : date && weekday);
  }
  int64_t next_after(int64_t seconds) const {
    int64_t minute = seconds / kMinute * kMinute + kMinute;
    while (!matches(minute)) {
      const std::tm parts = *std::gmtime(&minute);
      const bool wrong_month = !has(fields[3], parts.tm_mon + 1);  // a whole day that cannot match is passed over
      minute += wrong_month ? 86400 - minute % 86400 : kMinute;
    }
    return minute;
  }
};

constexpr std::array<int, 5> kLow = {0, 0, 1, 1, 0}, kHigh = {59, 23, 31, 12, 6};

// A random field, and the values it stands for.
std::string random_field(Random& random, size_t field, std::vector<int>& values) {
  static const std::array<std::vector<const char*>, 5> kNames = {
      {{},
       {},
       {},
       {"jan", "FEB", "mar", "apr", "May", "jun", "jul", "aug", "sep", "oct", "nov", "dec"},
       {"sun", "Mon", "tue", "wed", "thu", "fri", "SAT"}}};
  const int low = kLow[field], high = kHigh[field];
  const auto pick = [&](int from, int to) {
    return from + static_cast<int>(random.below(static_cast<uint64_t>(to - from + 1)));
  };
  const auto word = [&](int value) {
    return kNames[field].empty() || random.below(2) == 0 ? std::to_string(value)
                                                         : kNames[field][static_cast<size_t>(value - low)];
  };
  const auto add = [&](int from, int to, int step) {
    for (int value = from; value <= to; value += step)
      values.push_back(value);
  };
  if (random.below(2) == 0) {
    const int step = random.below(2) == 0 ? pick(1, 7) : 1;
    add(low, high, step);
    return step == 1 ? "*" : "*/" + std::to_string(step);
  }
  std::string out;
  for (uint64_t items = 1 + random.below(3); items > 0; --items) {
    const int from = pick(low, high), to = random.below(2) == 0 ? from : pick(from, high);
    const int step = to > from && random.below(2) == 0 ? pick(1, 5) : 1;
    add(from, to, step);
    out += (out.empty() ? "" : ",") + word(from) + (to > from ? "-" + word(to) : "") +
           (step > 1 ? "/" + std::to_string(step) : "");
  }
  return out;
}

TEST_CASE("a cron schedule falls due when a count minute by minute says so") {
  Random random(7);
  for (int round = 0; round < 400; ++round) {
    Oracle oracle;
    std::string schedule;
    std::array<std::string, 5> fields;
    for (size_t field = 0; field < fields.size(); ++field) {
      fields[field] = random_field(random, field, oracle.fields[field]);
      schedule += (field > 0 ? " " : "") + fields[field];
    }
    oracle.either_day = fields[2][0] != '*' && fields[4][0] != '*';
    const auto parsed = CronSchedule::parse(schedule);
    INFO(schedule);
    const auto* cron = std::get_if<CronSchedule>(&parsed);
    if (cron == nullptr) {
      CHECK_THAT(std::get<CronSchedule::Problem>(parsed).text, Catch::Contains("no month of the schedule"));
      continue;
    }
    int64_t time = at(2023, 12, 20) + static_cast<int64_t>(random.below(86400ull * 500));
    const auto first = cron->next_after({time * 1'000'000}).micros / 1'000'000;
    if (first > time + 86400 * 800)
      continue;  // the count would take too long
    for (int times = 0; times < 5; ++times) {
      const int64_t expected = oracle.next_after(time);
      INFO(text(time));
      REQUIRE(text(cron->next_after({time * 1'000'000}).micros / 1'000'000) == text(expected));
      time = expected;
    }
  }
}

TEST_CASE("a cron schedule knows month ends, leap years and days of the week") {
  CHECK(next("0 3 * * *", at(2026, 11, 21, 2, 59)) == "Sat 2026-11-21 03:00");
  CHECK(next("0 3 * * *", at(2026, 11, 21, 3, 0)) == "Sun 2026-11-22 03:00");
  CHECK(next("30 23 31 * *", at(2026, 4, 1)) == "Sun 2026-05-31 23:30");
  CHECK(next("0 0 29 2 *", at(2026, 1, 1)) == "Tue 2028-02-29 00:00");
  CHECK(next("0 0 29 2 *", at(2096, 3, 1)) == "Fri 2104-02-29 00:00");
  CHECK(next("*/15 * * * *", at(2026, 12, 31, 23, 45)) == "Fri 2027-01-01 00:00");
  CHECK(next("0 9 * * mon-fri", at(2026, 11, 20, 9)) == "Mon 2026-11-23 09:00");
  CHECK(next("0 0 * * 7", at(2026, 11, 21)) == "Sun 2026-11-22 00:00");
  CHECK(next("0 0 * * 5-7", at(2026, 11, 21)) == "Sun 2026-11-22 00:00");
  CHECK(next("@monthly", at(2026, 11, 21)) == "Tue 2026-12-01 00:00");
  CHECK(next("59 23 31 dec *", at(2026, 12, 31, 23, 59)) == "Fri 2027-12-31 23:59");
}

TEST_CASE("with both day fields given a day matches when either does") {
  CHECK(next("0 0 13 * fri", at(2026, 11, 10)) == "Fri 2026-11-13 00:00");
  CHECK(next("0 0 13 * fri", at(2026, 11, 13)) == "Fri 2026-11-20 00:00");
  CHECK(next("0 0 13 * fri", at(2026, 12, 11)) == "Sun 2026-12-13 00:00");
  CHECK(next("0 0 */2 * fri", at(2026, 11, 21)) == "Fri 2026-11-27 00:00");  // one begins with *: both must match
}

TEST_CASE("what is wrong with a schedule is told at its place") {
  CHECK(problem("0 3 * *") == "0: a schedule has five fields, this has 4");
  CHECK(problem("0 3 * * * *") == "10: a schedule has five fields, this has 6");
  CHECK(problem("") == "0: a schedule has five fields, this has 0");
  CHECK(problem("60 3 * * *") == "0: 60 is no minute");
  CHECK(problem("0 24 * * *") == "2: 24 is no hour");
  CHECK(problem("0 0 0 * *") == "4: 0 is no day of month");
  CHECK(problem("0 0 1,32 * *") == "6: 32 is no day of month");
  CHECK(problem("0 0 * 13 *") == "6: 13 is no month");
  CHECK(problem("0 0 * * 8") == "8: 8 is no day of week");
  CHECK(problem("0 0 * * monday") == "11: the day of week \"monday\" is not one");
  CHECK(problem("0 0 * foo *") == "6: the month \"foo\" is not one");
  CHECK(problem("0 5-1 * * *") == "2: the range 5-1 is empty");
  CHECK(problem("5/10 * * * *") == "1: a step divides a range");
  CHECK(problem("*/0 * * * *") == "1: a step divides a range");
  CHECK(problem("1, * * * *") == "2: the minute \"1,\" is not one");
  CHECK(problem("99999999999 * * * *") == "0: 9999 is no minute");
  CHECK(problem("0 0 30 2 *") == "4: no month of the schedule has such a day");
  CHECK(problem("0 0 31 4,6,9,11 *") == "4: no month of the schedule has such a day");
  CHECK(problem("@noon") == "0: there is no schedule @noon");
}

}  // namespace
}  // namespace penstock
