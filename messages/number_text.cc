#include "messages/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace penstock {
namespace {

constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t digits_at(std::string_view text, size_t from) {
  size_t end = from;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  return end - from;
}

// Numbers such as -12.75: at most 15 digits and no exponent. Such an integer and the power of ten are exact doubles, so
// that one correctly rounded division gives the nearest double. Source: Clinger, "How to read floating point numbers
// accurately", PLDI 1990. False: not of that form; the text may still be a number.
bool parse_short_decimal(std::string_view text, double& out) {
  const bool negative = !text.empty() && text[0] == '-';
  const size_t start = negative ? 1 : 0;
  const size_t whole = digits_at(text, start);
  if (whole == 0 || text.size() - start > 16 || (whole > 1 && text[start] == '0'))
    return false;
  uint64_t number = 0;
  size_t at = start;
  for (; at < start + whole; ++at)
    number = number * 10 + static_cast<uint64_t>(text[at] - '0');
  size_t decimals = 0;
  if (at < text.size()) {
    if (text[at++] != '.')
      return false;
    for (; at < text.size() && is_digit(text[at]); ++at, ++decimals)
      number = number * 10 + static_cast<uint64_t>(text[at] - '0');
    if (decimals == 0 || at != text.size())
      return false;
  }
  if (whole + decimals > 15)
    return false;
  const double value = static_cast<double>(number) / kPowersOfTen[decimals];
  out = negative ? -value : value;
  return true;
}

// Requires: the text is a finite decimal number by from_chars' grammar.
bool from_text(std::string_view text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end != text.data() + text.size())
    return false;
  if (error == std::errc())
    return true;
  // Out of range: too large, or too near to 0, which is rounded to 0.
  const size_t exponent = text.find_first_of("eE");
  const size_t first = text.find_first_of("123456789");
  const size_t point = text.find('.');
  const bool tiny = exponent != std::string_view::npos ? text[exponent + 1] == '-' : point < first;
  if (tiny)
    out = text[0] == '-' ? -0.0 : 0.0;
  return tiny;
}

}  // namespace

bool is_json_number(std::string_view text) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const size_t whole = digits_at(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0'))
    return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const size_t decimals = digits_at(text, ++at);
    if (decimals == 0)
      return false;
    at += decimals;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-'))
      ++at;
    const size_t exponent = digits_at(text, at);
    if (exponent == 0)
      return false;
    at += exponent;
  }
  return at == text.size();
}

bool parse_json_float64(std::string_view text, double& out) {
  return parse_short_decimal(text, out) || (is_json_number(text) && from_text(text, out));
}

bool parse_int64(std::string_view text, int64_t& out) {
  if (parse_json_int64(text, out))
    return true;
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0]))
      return false;
  }
  if (const size_t point = text.find('.'); point != std::string_view::npos && point > 0 && point + 1 < text.size() &&
                                           text.find_first_not_of('0', point + 1) == std::string_view::npos)
    text = text.substr(0, point);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_float64(std::string_view text, double& out) {
  if (parse_short_decimal(text, out))
    return true;
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '-')
      return false;
  }
  return !text.empty() && text.find_first_of("()") == std::string_view::npos && from_text(text, out);
}

}  // namespace penstock
