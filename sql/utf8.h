// Characters of text that is known to be UTF-8, as strings in batches are: fast, because nothing is checked. Broken text gives
// some answer but is never read past its end. (messages/utf8.h has what checks.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::sql {

/// Bytes of the character that begins with this byte.
inline size_t utf8_length(char first) {
  const auto byte = static_cast<uint8_t>(first);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/// Number of characters.
inline size_t utf8_count(std::string_view text) {
  size_t count = 0;
  for (const char c : text)
    count += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  return count;
}

/// Byte at which character number `index` (from 0) begins; the size if there is none.
inline size_t utf8_offset(std::string_view text, size_t index) {
  size_t byte = 0;
  while (index > 0 && byte < text.size()) {
    byte += utf8_length(text[byte]);
    --index;
  }
  return byte < text.size() ? byte : text.size();
}

/// Length of the longest prefix that is well-formed UTF-8.
size_t utf8_valid_prefix(std::string_view text);

/// The code point at the front of `text`, which moves past it. Requires: !text.empty().
uint32_t utf8_take(std::string_view& text);

}  // namespace penstock::sql
