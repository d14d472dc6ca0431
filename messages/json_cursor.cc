#include "messages/json_cursor.h"

#include <optional>

#include "messages/number_text.h"
#include "messages/utf8.h"

namespace penstock {
namespace {

constexpr const char* kWrongEscape = "a valid escape in the string";

// The code unit of `uXXXX` at the front of `text`.
std::optional<uint32_t> read_unit(std::string_view text) {
  if (text.size() < 5 || text[0] != 'u')
    return std::nullopt;
  uint32_t unit = 0;
  for (const char c : text.substr(1, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (lower < 'a' || lower > 'f'))
      return std::nullopt;
    unit = unit * 16 + static_cast<uint32_t>(digit ? c - '0' : lower - 'a' + 10);
  }
  return unit;
}

// Takes `uXXXX`, or the two of a surrogate pair, off the front of `rest`.
bool take_unicode(std::string_view& rest, std::string& out) {
  const auto high = read_unit(rest);
  if (!high)
    return false;
  rest.remove_prefix(5);
  if (*high < 0xd800 || *high > 0xdfff) {
    append_utf8(*high, out);
    return true;
  }
  const auto low = rest.empty() || rest[0] != '\\' ? std::nullopt : read_unit(rest.substr(1));
  if (*high > 0xdbff || !low || *low < 0xdc00 || *low > 0xdfff)
    return false;
  append_utf8(0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00), out);
  rest.remove_prefix(6);
  return true;
}

char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return '\0';
  }
}

}  // namespace

bool append_unescaped(std::string_view raw, std::string& out) {
  for (size_t escape = raw.find('\\'); escape != std::string_view::npos; escape = raw.find('\\')) {
    out.append(raw.substr(0, escape));
    raw.remove_prefix(escape + 1);
    if (raw.empty())
      return false;
    if (const char simple = simple_escape(raw[0]); simple != '\0') {
      out += simple;
      raw.remove_prefix(1);
    } else if (!take_unicode(raw, out)) {
      return false;
    }
  }
  out.append(raw);
  return true;
}

bool JsonCursor::take_escaped(std::string_view& out, std::string& scratch) {
  scratch.clear();
  if (!append_unescaped(out, scratch)) {
    --token_;
    return fail(kWrongEscape);
  }
  out = scratch;
  return true;
}

bool JsonCursor::skip(std::string* out, int depth) {
  switch (peek()) {
    case '{': return skip_members(out, depth + 1);
    case '[': return skip_elements(out, depth + 1);
    case '"': return skip_string(out);
    default: return skip_scalar(out);
  }
}

bool JsonCursor::skip_members(std::string* out, int depth) {
  if (depth > kMaxDepth)
    return fail("at most 512 levels of nesting");
  ++token_;
  if (out != nullptr)
    *out += '{';
  for (bool first = true; first || peek() != '}'; first = false) {
    if (first && peek() == '}')
      break;
    if (!first) {
      if (!take(','))
        return fail("',' or '}'");
      if (out != nullptr)
        *out += ',';
    }
    if (peek() != '"')
      return fail("a member's name");
    if (!skip_string(out))
      return false;
    if (!take(':'))
      return fail("':'");
    if (out != nullptr)
      *out += ':';
    if (!skip(out, depth))
      return false;
  }
  ++token_;
  if (out != nullptr)
    *out += '}';
  return true;
}

bool JsonCursor::skip_elements(std::string* out, int depth) {
  if (depth > kMaxDepth)
    return fail("at most 512 levels of nesting");
  ++token_;
  if (out != nullptr)
    *out += '[';
  for (bool first = true; first || peek() != ']'; first = false) {
    if (first && peek() == ']')
      break;
    if (!first) {
      if (!take(','))
        return fail("',' or ']'");
      if (out != nullptr)
        *out += ',';
    }
    if (!skip(out, depth))
      return false;
  }
  ++token_;
  if (out != nullptr)
    *out += ']';
  return true;
}

bool JsonCursor::skip_string(std::string* out) {
  std::string_view raw;
  if (!take_raw_string(raw))
    return false;
  if (std::string_view resolved = raw; has_escapes(raw) && !take_escaped(resolved, scratch_))
    return false;
  if (out != nullptr)
    out->append(raw.data() - 1, raw.size() + 2);
  return true;
}

bool JsonCursor::skip_scalar(std::string* out) {
  if (at_end())
    return fail("a value");
  const std::string_view text = token_text();
  if (text != "true" && text != "false" && text != "null" && !is_json_number(text))
    return fail("a value");
  if (out != nullptr)
    out->append(text);
  ++token_;
  return true;
}

}  // namespace penstock
