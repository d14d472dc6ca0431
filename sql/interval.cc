// Reads the text of an interval literal.
#include <cctype>
#include <charconv>
#include <cmath>

#include "sql/time_fields.h"

namespace penstock::sql {
namespace {

constexpr int64_t kMicros = 1'000'000;

class IntervalReader {
 public:
  explicit IntervalReader(std::string_view text) : rest_(text) {}

  std::optional<Interval> read() {
    bool any = false;
    for (skip_spaces(); !rest_.empty(); skip_spaces(), any = true) {
      const bool negative = rest_.front() == '-';
      if (negative || rest_.front() == '+')
        rest_.remove_prefix(1);
      double number = 0;
      if (!read_number(number))
        return std::nullopt;
      const bool clock = !rest_.empty() && rest_.front() == ':';
      if (!(clock ? read_clock(number, negative) : read_unit(number, negative)))
        return std::nullopt;
    }
    return any ? std::optional(interval_) : std::nullopt;
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())))
      rest_.remove_prefix(1);
  }

  bool read_number(double& out) {
    size_t length = 0;
    while (length < rest_.size() && (std::isdigit(static_cast<unsigned char>(rest_[length])) || rest_[length] == '.'))
      ++length;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + length, out);
    if (length == 0 || error != std::errc() || end != rest_.data() + length || out > 1e12)
      return false;
    rest_.remove_prefix(length);
    return true;
  }

  // hours ':' minutes [':' seconds]
  bool read_clock(double hours, bool negative) {
    double parts[] = {hours, 0, 0};
    for (int i = 1; i < 3 && !rest_.empty() && rest_.front() == ':'; ++i) {
      rest_.remove_prefix(1);
      if (!read_number(parts[i]) || parts[i] >= 60)
        return false;
    }
    if (parts[0] != std::floor(parts[0]) || parts[1] != std::floor(parts[1]))
      return false;
    const double seconds = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    return add_micros(seconds * kMicros * (negative ? -1 : 1));
  }

  bool read_unit(double number, bool negative) {
    skip_spaces();
    size_t length = 0;
    while (length < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[length])))
      ++length;
    const auto unit = parse_time_field(rest_.substr(0, length));
    if (!unit)
      return false;
    rest_.remove_prefix(length);
    if (negative)
      number = -number;
    switch (*unit) {
      case TimeField::kMicroseconds: return add_micros(number);
      case TimeField::kMilliseconds: return add_micros(number * 1e3);
      case TimeField::kSecond: return add_micros(number * kMicros);
      case TimeField::kMinute: return add_micros(number * 60 * kMicros);
      case TimeField::kHour: return add_micros(number * 3600 * kMicros);
      case TimeField::kDay: return add_days(number);
      case TimeField::kWeek: return add_days(number * 7);
      case TimeField::kMonth: return add_months(number);
      case TimeField::kYear: return add_months(number * 12);
      case TimeField::kDecade: return add_months(number * 120);
      default: return false;
    }
  }

  bool add_micros(double micros) {
    // Longer than all of time that there is; also keeps the sum of the parts far from overflow.
    if (std::fabs(micros) > 1e18)
      return false;
    interval_.micros += std::llround(micros);
    return std::abs(interval_.micros) < int64_t{4'000'000'000'000'000'000};
  }
  // A part of a day is a time.
  bool add_days(double number) {
    interval_.days += static_cast<int64_t>(number);
    return add_micros((number - std::trunc(number)) * 86'400 * kMicros);
  }
  // A part of a month could be any number of days.
  bool add_months(double number) {
    interval_.months += static_cast<int64_t>(number);
    return number == std::trunc(number);
  }

  std::string_view rest_;
  Interval interval_;
};

}  // namespace

std::optional<Interval> parse_interval(std::string_view text) { return IntervalReader(text).read(); }

}  // namespace penstock::sql
