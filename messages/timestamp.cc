#include "messages/timestamp.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace penstock {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

// Reads digits off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly `digits` digits within [low, high].
  template <size_t digits>
  [[gnu::always_inline]] bool number(int low, int high, int& out) {
    if (rest_.size() < digits)
      return false;
    out = 0;
    bool all_digits = true;
    for (size_t i = 0; i < digits; ++i) {
      const auto digit = static_cast<unsigned char>(rest_[i] - '0');
      all_digits &= digit <= 9;
      out = out * 10 + digit;
    }
    rest_.remove_prefix(digits);
    return all_digits && out >= low && out <= high;
  }
  bool skip(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  /// 1 to 9 decimals, cut to microseconds.
  bool fraction(int& micros) {
    int scale = 100'000;
    size_t digits = 0;
    micros = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1), ++digits) {
      micros += scale * (rest_.front() - '0');
      scale /= 10;
    }
    return digits >= 1 && digits <= 9;
  }

 private:
  std::string_view rest_;
};

bool read_zone(Reader& reader, int64_t& offset_micros) {
  offset_micros = 0;
  if (reader.done() || reader.skip('Z') || reader.skip('z') || reader.skip(" UTC"))
    return reader.done();
  const bool negative = reader.skip('-');
  if (!negative && !reader.skip('+'))
    return false;
  int hours = 0, minutes = 0;
  if (!reader.number<2>(0, 15, hours))
    return false;
  if (!reader.done()) {
    reader.skip(':');
    if (!reader.number<2>(0, 59, minutes))
      return false;
  }
  offset_micros = (hours * 60 + minutes) * 60 * kSecond * (negative ? -1 : 1);
  return reader.done();
}

struct Date {
  int year;
  unsigned month, day;
};

// The Gregorian date that many days after 1970-01-01; std::chrono's ends at year 32767, int64 microseconds do not.
// Source: Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
Date date_of(int64_t days) {
  const int64_t shifted = days + 719'468;  // days since 0000-03-01
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {static_cast<int>(year_of_era + era * 400) + (month <= 2 ? 1 : 0), month, day};
}

// Writes the last `digits` digits of `number`; returns the end.
char* append_digits(unsigned number, int digits, char* at) {
  for (int i = digits - 1; i >= 0; --i, number /= 10)
    at[i] = static_cast<char>('0' + number % 10);
  return at + digits;
}

// At least four digits; years before 0000 have a sign.
char* append_year(int year, char* at) {
  if (year < 0)
    *at++ = '-';
  const auto number = static_cast<unsigned>(std::abs(year));
  return number < 10'000 ? append_digits(number, 4, at) : std::to_chars(at, at + 8, number).ptr;
}

}  // namespace

std::string format_timestamp(Timestamp timestamp) {
  // Rounded down, which division does not do before 1970.
  const int64_t days = timestamp.micros / kDay - (timestamp.micros % kDay < 0 ? 1 : 0);
  const int64_t remainder = timestamp.micros % kDay;
  const int64_t in_day = remainder < 0 ? remainder + kDay : remainder;
  const Date date = date_of(days);
  const auto seconds = static_cast<unsigned>(in_day / kSecond);
  const auto micros = static_cast<unsigned>(in_day % kSecond);
  std::array<char, 48> text{};
  char* at = text.data();
  at = append_year(date.year, at);
  *at++ = '-';
  at = append_digits(date.month, 2, at);
  *at++ = '-';
  at = append_digits(date.day, 2, at);
  *at++ = 'T';
  at = append_digits(seconds / 3600, 2, at);
  *at++ = ':';
  at = append_digits(seconds / 60 % 60, 2, at);
  *at++ = ':';
  at = append_digits(seconds % 60, 2, at);
  if (micros != 0) {
    *at++ = '.';
    at = micros % 1000 != 0 ? append_digits(micros, 6, at) : append_digits(micros / 1000, 3, at);
  }
  *at++ = 'Z';
  return std::string(text.data(), at);
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Reader reader(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  int64_t offset = 0;
  if (!reader.number<4>(1, 9999, year) || !reader.skip('-') || !reader.number<2>(1, 12, month) || !reader.skip('-') ||
      !reader.number<2>(1, 31, day))
    return std::nullopt;
  if (!reader.done()) {
    if (!reader.skip('T') && !reader.skip('t') && !reader.skip(' '))
      return std::nullopt;
    if (!reader.number<2>(0, 23, hour) || !reader.skip(':') || !reader.number<2>(0, 59, minute))
      return std::nullopt;
    if (reader.skip(':') && !reader.number<2>(0, 59, second))
      return std::nullopt;
    if (reader.skip('.') && !reader.fraction(micros))
      return std::nullopt;
    if (!read_zone(reader, offset))
      return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok())
    return std::nullopt;
  const int64_t days_since_epoch = sys_days{date}.time_since_epoch().count();
  return Timestamp{days_since_epoch * kDay + ((hour * 60LL + minute) * 60 + second) * kSecond + micros - offset};
}

std::string format_float64(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : "NaN";
}

}  // namespace penstock
