// Numbers out of text, strictly: the whole text must be the number. For the decoders; writing is in timestamp.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock {

/// Whether `text` is a number by JSON's grammar (RFC 8259), of any size.
bool is_json_number(std::string_view text);

/// An integer by JSON's grammar (no `+`, no leading zeros, no decimals) within int64.
inline bool parse_json_int64(std::string_view text, int64_t& out) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative)
    text.remove_prefix(1);
  if (text.empty() || text.size() > 19 || (text[0] == '0' && text.size() > 1))
    return false;
  uint64_t number = 0;  // 19 digits fit
  for (const char c : text) {
    const auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9)
      return false;
    number = number * 10 + digit;
  }
  if (number > (uint64_t{1} << 63) - (negative ? 0 : 1))
    return false;
  out = static_cast<int64_t>(negative ? 0 - number : number);
  return true;
}

/// A number by JSON's grammar, rounded to the nearest double. False too where it is too large for one.
bool parse_json_float64(std::string_view text, double& out);

/// As people and programs write them in CSV: a `+`, leading zeros and decimals that are all zero (`17.0`) are allowed.
bool parse_int64(std::string_view text, int64_t& out);
/// A `+` and leading zeros are allowed here too; also `.5`, `5.`, and `NaN`, `Infinity`, `-Infinity` (`inf`, `nan`; in
/// any letter case).
bool parse_float64(std::string_view text, double& out);

}  // namespace penstock
