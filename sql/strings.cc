// String functions. Lengths and positions count characters, from 1. Results are slices of their arguments wherever that is possible.
#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <cstring>

#include "messages/utf8.h"
#include "sql/functions.h"
#include "sql/utf8.h"

namespace penstock::sql {
namespace {

using Text = std::string_view;

// Letter case of all of Unicode, independent of the process's locale; ASCII alone where the system has no C.UTF-8.
locale_t unicode() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

template <bool kUpper>
Text change_case(Context& context, Text text, std::string& scratch) {
  constexpr char kFirst = kUpper ? 'a' : 'A';
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) {
    char* out = context.array<char>(text.size());
    for (size_t i = 0; i < text.size(); ++i)
      out[i] = static_cast<char>(text[i] ^ (static_cast<unsigned char>(text[i] - kFirst) < 26 ? 0x20 : 0));
    return {out, text.size()};
  }
  scratch.clear();
  for (Text rest = text; !rest.empty();) {
    const auto code = static_cast<wint_t>(utf8_take(rest));
    const wint_t changed = !unicode() ? code : kUpper ? towupper_l(code, unicode()) : towlower_l(code, unicode());
    append_utf8(changed, scratch);
  }
  return context.copy(scratch);
}
template <bool kUpper>
Vector change_case(const Call& call) {
  std::string scratch;
  return map_all<Text, Text>(call, [&](Text text) { return change_case<kUpper>(call.context, text, scratch); });
}

Vector length(const Call& call) {
  return map<int64_t, Text>(call, [](Text text) { return static_cast<int64_t>(utf8_count(text)); });
}
Vector octet_length(const Call& call) {
  return map<int64_t, Text>(call, [](Text text) { return static_cast<int64_t>(text.size()); });
}

/// Characters [from, to), counted from 0; bounds outside the text are moved to its ends.
Text characters(Text text, int64_t from, int64_t to) {
  from = std::max<int64_t>(from, 0);
  if (to <= from)
    return {};
  const size_t begin = utf8_offset(text, static_cast<size_t>(from));
  const Text rest = text.substr(begin);
  return rest.substr(0, utf8_offset(rest, static_cast<size_t>(to - from)));
}

Vector substring_from(const Call& call) {
  return map_all<Text, Text, int64_t>(
      call, [](Text text, int64_t start) { return start <= 1 ? text : characters(text, start - 1, INT64_MAX); });
}
Vector substring_from_for(const Call& call) {
  return try_map<Text, Text, int64_t, int64_t>(call,
                                               [](Text text, int64_t start, int64_t count, Text& out) -> const char* {
                                                 if (count < 0)
                                                   return "a substring cannot have a negative length";
                                                 int64_t end = 0;
                                                 if (__builtin_add_overflow(start, count, &end))
                                                   end = INT64_MAX;
                                                 // With a start before the text, the characters that are not there count, too.
                                                 if (end > 1)
                                                   out = characters(text, std::max<int64_t>(start, 1) - 1, end - 1);
                                                 return nullptr;
                                               });
}
Text left_of(Text text, int64_t count) {
  return characters(text, 0, count >= 0 ? count : static_cast<int64_t>(utf8_count(text)) + count);
}
Text right_of(Text text, int64_t count) {
  const int64_t from = count == INT64_MIN ? INT64_MAX
                       : count >= 0       ? static_cast<int64_t>(utf8_count(text)) - count
                                          : -count;
  return characters(text, from, INT64_MAX);
}
Vector left(const Call& call) { return map_all<Text, Text, int64_t>(call, left_of); }
Vector right(const Call& call) { return map_all<Text, Text, int64_t>(call, right_of); }

bool contains_character(Text set, Text character) {
  for (; !set.empty(); set.remove_prefix(std::min(utf8_length(set.front()), set.size())))
    if (set.starts_with(character))
      return true;
  return false;
}
template <bool kLeft, bool kRight>
Text trimmed(Text text, Text set) {
  while (kLeft && !text.empty()) {
    const size_t length = std::min(utf8_length(text.front()), text.size());
    if (!contains_character(set, text.substr(0, length)))
      break;
    text.remove_prefix(length);
  }
  while (kRight && !text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xc0) == 0x80)
      --start;
    if (!contains_character(set, text.substr(start)))
      break;
    text = text.substr(0, start);
  }
  return text;
}
template <bool kLeft, bool kRight>
Vector trim(const Call& call) {
  if (call.args.size() == 1)
    return map_all<Text, Text>(call, [](Text text) { return trimmed<kLeft, kRight>(text, " "); });
  return map_all<Text, Text, Text>(call, trimmed<kLeft, kRight>);
}

Text joined(Context& context, Text a, Text b) {
  if (a.empty() || b.empty())
    return a.empty() ? b : a;
  char* out = context.array<char>(a.size() + b.size());
  std::memcpy(out, a.data(), a.size());
  std::memcpy(out + a.size(), b.data(), b.size());
  return {out, a.size() + b.size()};
}
Vector concatenate(const Call& call) {
  return map_all<Text, Text, Text>(call, [&](Text a, Text b) { return joined(call.context, a, b); });
}

Vector position(const Call& call) {
  return map_all<int64_t, Text, Text>(call, [](Text text, Text part) -> int64_t {
    const size_t found = text.find(part);
    return found == Text::npos ? 0 : static_cast<int64_t>(utf8_count(text.substr(0, found))) + 1;
  });
}
Vector starts_with(const Call& call) {
  return map_all<uint8_t, Text, Text>(call, [](Text text, Text part) -> uint8_t { return text.starts_with(part); });
}

}  // namespace

std::span<const Function> string_functions() {
  using enum Type;
  using enum Fails;
  static const std::vector<Function> list = {
      {"||", {kString, kString}, kString, concatenate},
      {"btrim", {kString}, kString, trim<true, true>},
      {"btrim", {kString, kString}, kString, trim<true, true>},
      {"char_length", {kString}, kInt64, length},
      {"character_length", {kString}, kInt64, length},
      {"left", {kString, kInt64}, kString, left},
      {"length", {kString}, kInt64, length},
      {"lower", {kString}, kString, change_case<false>},
      {"ltrim", {kString}, kString, trim<true, false>},
      {"ltrim", {kString, kString}, kString, trim<true, false>},
      {"octet_length", {kString}, kInt64, octet_length},
      {"position", {kString, kString}, kInt64, position},
      {"right", {kString, kInt64}, kString, right},
      {"rtrim", {kString}, kString, trim<false, true>},
      {"rtrim", {kString, kString}, kString, trim<false, true>},
      {"starts_with", {kString, kString}, kBool, starts_with},
      {"strpos", {kString, kString}, kInt64, position},
      {"substr", {kString, kInt64}, kString, substring_from},
      {"substr", {kString, kInt64, kInt64}, kString, substring_from_for, kYes},
      {"substring", {kString, kInt64}, kString, substring_from},
      {"substring", {kString, kInt64, kInt64}, kString, substring_from_for, kYes},
      {"trim", {kString}, kString, trim<true, true>},
      {"upper", {kString}, kString, change_case<true>},
  };
  return list;
}

}  // namespace penstock::sql
