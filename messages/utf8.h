// Encodings of text at the borders: all text inside is UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

/// Bytes of the well-formed UTF-8 character at the front of `text`; 0 if there is none. Requires: text is not empty.
size_t utf8_length(std::string_view text);
/// Whether all of `text` is well-formed UTF-8. Fast on long texts.
bool valid_utf8(std::string_view text);
/// `text` with each byte that belongs to no well-formed character replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text);
/// ISO 8859-1 as UTF-8, behind what is in `out`.
void append_latin1(std::string_view text, std::string& out);
/// The code point as UTF-8, behind what is in `out`. Requires: at most 0x10ffff and no surrogate.
void append_utf8(uint32_t code_point, std::string& out);

}  // namespace penstock
