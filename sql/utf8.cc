#include "sql/utf8.h"

#include <algorithm>

#include "messages/utf8.h"

namespace penstock::sql {

uint32_t utf8_take(std::string_view& text) {
  const size_t length = std::min(utf8_length(text.front()), text.size());
  const auto first = static_cast<uint8_t>(text.front());
  uint32_t code = length == 1 ? first : first & (0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i)
    code = code << 6 | (static_cast<uint8_t>(text[i]) & 0x3f);
  text.remove_prefix(length);
  return code;
}

size_t utf8_valid_prefix(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = penstock::utf8_length(text.substr(at));
    if (length == 0)
      break;
    at += length;
  }
  return at;
}

}  // namespace penstock::sql
