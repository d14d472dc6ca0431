#include "core/cron.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <optional>
#include <vector>

namespace penstock {
namespace {

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kDay = 1440 * kMinute;
constexpr int64_t kNever = -1;
constexpr int64_t kLongestGap = 8 * 366 + 1;  // days between two 29ths of February, over a year such as 2100

struct Field {
  const char* name;
  unsigned low, high;
  std::array<const char*, 12> names = {};  // of the values from `low` on
};

constexpr std::array<Field, 5> kFields = {{
    {"minute", 0, 59},
    {"hour", 0, 23},
    {"day of month", 1, 31},
    {"month", 1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
    {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}};

struct Nickname {
  std::string_view name, fields;
};
constexpr std::array<Nickname, 5> kNicknames = {{{"@hourly", "0 * * * *"},
                                                 {"@daily", "0 0 * * *"},
                                                 {"@weekly", "0 0 * * 0"},
                                                 {"@monthly", "0 0 1 * *"},
                                                 {"@yearly", "0 0 1 1 *"}}};

using Problem = CronSchedule::Problem;

// Reads one field; `offset` is where it begins in the whole text.
class FieldReader {
 public:
  FieldReader(const Field& field, std::string_view text, size_t offset) : field_(field), text_(text), offset_(offset) {}

  std::optional<Problem> read(uint64_t& bits) {
    do {
      if (auto problem = item(bits))
        return problem;
    } while (take(','));
    return at_ == text_.size() ? std::nullopt : std::optional(wrong(at_));
  }

 private:
  bool take(char c) {
    const bool there = at_ < text_.size() && text_[at_] == c;
    at_ += there ? 1 : 0;
    return there;
  }

  Problem wrong(size_t at) const {
    return {offset_ + at, "the " + std::string(field_.name) + " \"" + std::string(text_) + "\" is not one",
            "write *, a value or range of " + std::to_string(field_.low) + "-" + std::to_string(field_.high) +
                ", a list such as 1,5 or a step such as */2"};
  }
  Problem out_of_range(size_t at, unsigned value) const {
    return {offset_ + at, std::to_string(value) + " is no " + field_.name,
            "it is from " + std::to_string(field_.low) + " to " + std::to_string(field_.high)};
  }

  std::optional<unsigned> number() {
    const size_t begin = at_;
    unsigned value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - begin < 4)
      value = value * 10 + static_cast<unsigned>(text_[at_++] - '0');
    return at_ == begin ? std::nullopt : std::optional(value);
  }

  std::optional<unsigned> value() {
    std::string word(text_.substr(at_, 3));
    std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    for (unsigned i = 0; i < field_.names.size() && field_.names[i] != nullptr; ++i)
      if (word == field_.names[i]) {
        at_ += 3;
        return field_.low + i;
      }
    return number();
  }

  std::optional<Problem> bounded(unsigned& out) {
    const size_t at = at_;
    const auto read = value();
    if (!read)
      return wrong(at);
    out = *read;
    return out < field_.low || out > field_.high ? std::optional(out_of_range(at, out)) : std::nullopt;
  }

  std::optional<Problem> item(uint64_t& bits) {
    const size_t begin = at_;
    unsigned first = field_.low, last = field_.high, step = 1;
    bool single = false;
    if (!take('*')) {
      if (auto problem = bounded(first))
        return problem;
      single = !take('-');
      last = first;
      if (!single)
        if (auto problem = bounded(last))
          return problem;
      if (last < first)
        return Problem{offset_ + begin, "the range " + std::string(text_.substr(begin, at_ - begin)) + " is empty",
                       "write the smaller value first, or two ranges such as 22-23,0-5"};
    }
    const size_t slash = at_;
    if (take('/')) {
      const auto read = number();
      if (single || !read || *read == 0)
        return Problem{offset_ + slash, "a step divides a range",
                       "write " + std::to_string(first) + "-" + std::to_string(field_.high) + "/" +
                           std::to_string(read.value_or(0) == 0 ? 2 : *read) + " or */2, say"};
      step = *read;
    }
    for (unsigned i = first; i <= last; i += step)
      bits |= uint64_t{1} << i;
    return std::nullopt;
  }

  const Field& field_;
  std::string_view text_;
  size_t offset_;
  size_t at_ = 0;
};

struct Word {
  std::string_view text;
  size_t offset;
};

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
    const size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back({text.substr(at, end - at), at});
    at = end;
  }
  return words;
}

int next_bit(uint64_t bits, int from) {
  const uint64_t rest = from > 63 ? 0 : bits >> from << from;
  return rest == 0 ? static_cast<int>(kNever) : std::countr_zero(rest);
}

}  // namespace

std::variant<CronSchedule, Problem> CronSchedule::parse(std::string_view text) {
  std::vector<Word> words = words_of(text);
  if (words.size() == 1 && words[0].text.starts_with('@')) {
    const auto* const found = std::find_if(kNicknames.begin(), kNicknames.end(),
                                           [&](const Nickname& known) { return known.name == words[0].text; });
    if (found == kNicknames.end())
      return Problem{words[0].offset, "there is no schedule " + std::string(words[0].text),
                     "there are @hourly, @daily, @weekly, @monthly, @yearly, and five fields such as 0 3 * * *"};
    words = words_of(found->fields);
  }
  if (words.size() != kFields.size())
    return Problem{words.size() > kFields.size() ? words[kFields.size()].offset : 0,
                   "a schedule has five fields, this has " + std::to_string(words.size()),
                   "minute, hour, day of month, month, day of week: \"0 3 * * *\" is every day at 03:00"};
  CronSchedule schedule;
  const std::array<uint64_t*, 5> bits = {&schedule.minutes_, &schedule.hours_, &schedule.days_, &schedule.months_,
                                         &schedule.weekdays_};
  for (size_t i = 0; i < kFields.size(); ++i)
    if (auto problem = FieldReader(kFields[i], words[i].text, words[i].offset).read(*bits[i]))
      return std::move(*problem);
  if ((schedule.weekdays_ & 1u << 7) != 0)
    schedule.weekdays_ |= 1;
  schedule.either_day_ = !words[2].text.starts_with('*') && !words[4].text.starts_with('*');
  if (schedule.next_day(0) == kNever)
    return Problem{words[2].offset, "no month of the schedule has such a day", "it would never fall due"};
  return schedule;
}

bool CronSchedule::matches_day(int64_t day) const {
  const std::chrono::sys_days date{std::chrono::days(day)};
  const std::chrono::year_month_day parts(date);
  const bool by_date = (days_ >> static_cast<unsigned>(parts.day()) & 1) != 0;
  const bool by_weekday = (weekdays_ >> std::chrono::weekday(date).c_encoding() & 1) != 0;
  return (months_ >> static_cast<unsigned>(parts.month()) & 1) != 0 &&
         (either_day_ ? by_date || by_weekday : by_date && by_weekday);
}

int64_t CronSchedule::next_day(int64_t day) const {
  // Of a date and a weekday at once (`*/2` counts as such) the days repeat after 28 years or, over 2100, 40.
  for (const int64_t end = day + 5 * kLongestGap; day <= end; ++day)
    if (matches_day(day))
      return day;
  return kNever;
}

Timestamp CronSchedule::next_after(Timestamp time) const {
  const int64_t from = (time.micros / kMinute + 1) * kMinute;
  int64_t day = from / kDay;
  int hour = static_cast<int>(from % kDay / kMinute / 60), minute = static_cast<int>(from / kMinute % 60);
  if (matches_day(day)) {
    int at = next_bit(minutes_, minute);
    int in = next_bit(hours_, at < 0 ? hour + 1 : hour);
    if (in != hour)
      at = next_bit(minutes_, 0);
    if (in >= 0)
      return {day * kDay + (in * 60 + at) * kMinute};
  }
  day = next_day(day + 1);
  return {day * kDay + (next_bit(hours_, 0) * 60 + next_bit(minutes_, 0)) * kMinute};
}

}  // namespace penstock
