#include "messages/timestamp.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

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
  bool number(int digits, int low, int high, int& out) {
    if (rest_.size() < static_cast<size_t>(digits))
      return false;
    out = 0;
    for (int i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9')
        return false;
      out = out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return out >= low && out <= high;
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
  if (reader.done() || reader.skip('Z') || reader.skip('z'))
    return reader.done();
  const bool negative = reader.skip('-');
  if (!negative && !reader.skip('+'))
    return false;
  int hours = 0, minutes = 0;
  if (!reader.number(2, 0, 15, hours))
    return false;
  if (!reader.done()) {
    reader.skip(':');
    if (!reader.number(2, 0, 59, minutes))
      return false;
  }
  offset_micros = (hours * 60 + minutes) * 60 * kSecond * (negative ? -1 : 1);
  return reader.done();
}

}  // namespace

std::string format_timestamp(Timestamp timestamp) {
  using namespace std::chrono;
  const int64_t days_since_epoch =
      timestamp.micros >= 0 ? timestamp.micros / kDay : (timestamp.micros - kDay + 1) / kDay;
  const year_month_day date{sys_days{days{days_since_epoch}}};
  const int64_t in_day = timestamp.micros - days_since_epoch * kDay;
  const int seconds = static_cast<int>(in_day / kSecond);
  const int micros = static_cast<int>(in_day % kSecond);
  std::array<char, 64> text{};
  int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                             static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), seconds / 3600,
                             seconds / 60 % 60, seconds % 60);
  if (micros % 1000 != 0)
    length += std::snprintf(text.data() + length, text.size() - length, ".%06d", micros);
  else if (micros != 0)
    length += std::snprintf(text.data() + length, text.size() - length, ".%03d", micros / 1000);
  return std::string(text.data(), length) + "Z";
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Reader reader(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  int64_t offset = 0;
  if (!reader.number(4, 1, 9999, year) || !reader.skip('-') || !reader.number(2, 1, 12, month) || !reader.skip('-') ||
      !reader.number(2, 1, 31, day))
    return std::nullopt;
  if (!reader.done()) {
    if (!reader.skip('T') && !reader.skip('t') && !reader.skip(' '))
      return std::nullopt;
    if (!reader.number(2, 0, 23, hour) || !reader.skip(':') || !reader.number(2, 0, 59, minute))
      return std::nullopt;
    if (reader.skip(':') && !reader.number(2, 0, 59, second))
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
