#include "messages/decode_error.h"

#include <array>
#include <cstdio>

#include "messages/utf8.h"

namespace penstock {
namespace {

constexpr size_t kShown = 60;

}  // namespace

std::string shorten(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= kShown)
      return out + "...";
    const size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    if (length == 0 || first < 0x20 || first == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", first);
      out += escaped.data();
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string DecodeError::to_string() const {
  std::string out = file;
  if (line != 0)
    out.append(out.empty() ? "line " : ":").append(std::to_string(line));
  if (line != 0 && column != 0)
    out.append(":").append(std::to_string(column));
  if (!out.empty())
    out += ": ";
  if (index && line == 0)
    out.append("record ").append(std::to_string(*index)).append(": ");
  if (!field.empty())
    out.append(field).append(": ");
  out.append("expected ").append(expected);
  if (!found.empty())
    out.append(", found ").append(found);
  return out;
}

}  // namespace penstock
