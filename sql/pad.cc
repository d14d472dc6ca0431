// String functions that build new text: padding, replacing, splitting, reversing.
#include <algorithm>

#include "sql/functions.h"
#include "sql/utf8.h"

namespace penstock::sql {
namespace {

using Text = std::string_view;
// Of what lpad, rpad and replace may make of one value.
constexpr size_t kMaxBytes = 16 * 1024 * 1024;
constexpr const char* kTooLong = "the result would be longer than 16 MiB";

template <bool kLeft>
const char* padded(Context& context, Text text, int64_t width, Text fill, std::string& scratch, Text& out) {
  if (width <= 0)
    return nullptr;
  if (static_cast<uint64_t>(width) > kMaxBytes / 4)
    return kTooLong;
  const size_t have = utf8_count(text);
  const auto want = static_cast<size_t>(width);
  if (have >= want || fill.empty()) {
    out = text.substr(0, utf8_offset(text, want));
    return nullptr;
  }
  scratch.assign(kLeft ? Text() : text);
  Text rest;
  for (size_t missing = want - have; missing > 0; --missing) {
    if (rest.empty())
      rest = fill;
    const size_t length = std::min(utf8_length(rest.front()), rest.size());
    scratch.append(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  if (kLeft)
    scratch.append(text);
  out = context.copy(scratch);
  return nullptr;
}
template <bool kLeft>
Vector pad(const Call& call) {
  std::string scratch;
  if (call.args.size() == 2)
    return try_map<Text, Text, int64_t>(call, [&](Text text, int64_t width, Text& out) {
      return padded<kLeft>(call.context, text, width, " ", scratch, out);
    });
  return try_map<Text, Text, int64_t, Text>(call, [&](Text text, int64_t width, Text fill, Text& out) {
    return padded<kLeft>(call.context, text, width, fill, scratch, out);
  });
}

Vector replace(const Call& call) {
  std::string scratch;
  return try_map<Text, Text, Text, Text>(call, [&](Text text, Text from, Text to, Text& out) -> const char* {
    size_t found = from.empty() ? Text::npos : text.find(from);
    if (found == Text::npos) {
      out = text;
      return nullptr;
    }
    scratch.clear();
    while (found != Text::npos) {
      scratch.append(text.substr(0, found)).append(to);
      if (scratch.size() > kMaxBytes)
        return kTooLong;
      text.remove_prefix(found + from.size());
      found = text.find(from);
    }
    out = call.context.copy(scratch.append(text));
    return nullptr;
  });
}

Vector repeat(const Call& call) {
  std::string scratch;
  return try_map<Text, Text, int64_t>(call, [&](Text text, int64_t times, Text& out) -> const char* {
    if (times <= 0 || text.empty())
      return nullptr;
    if (static_cast<uint64_t>(times) > kMaxBytes / text.size())
      return kTooLong;
    scratch.clear();
    for (int64_t i = 0; i < times; ++i)
      scratch.append(text);
    out = call.context.copy(scratch);
    return nullptr;
  });
}

Vector reverse(const Call& call) {
  return map_all<Text, Text>(call, [&](Text text) -> Text {
    char* out = call.context.array<char>(text.size());
    size_t end = text.size();
    for (Text rest = text; !rest.empty();) {
      const size_t length = std::min(utf8_length(rest.front()), rest.size());
      end -= length;
      std::copy_n(rest.data(), length, out + end);
      rest.remove_prefix(length);
    }
    return {out, text.size()};
  });
}

// The n-th field from 1; from the end, -1 being the last, if n is negative. No such field is an empty text.
Text field(Text text, Text delimiter, int64_t n) {
  if (delimiter.empty())
    return n == 1 || n == -1 ? text : Text();
  if (n > 0) {
    for (;; --n) {
      const size_t found = text.find(delimiter);
      if (n == 1)
        return text.substr(0, found);
      if (found == Text::npos)
        return {};
      text.remove_prefix(found + delimiter.size());
    }
  }
  // Fields are counted from the front even here: delimiters may overlap, and the first from the left count.
  int64_t fields = 1;
  for (size_t at = text.find(delimiter); at != Text::npos; at = text.find(delimiter, at + delimiter.size()))
    ++fields;
  return n < -fields ? Text() : field(text, delimiter, fields + n + 1);
}
Vector split_part(const Call& call) {
  return try_map<Text, Text, Text, int64_t>(call, [](Text text, Text delimiter, int64_t n, Text& out) -> const char* {
    if (n == 0)
      return "the field number of split_part must not be zero";
    out = field(text, delimiter, n);
    return nullptr;
  });
}

}  // namespace

std::span<const Function> pad_functions() {
  using enum Type;
  using enum Fails;
  static const std::vector<Function> list = {
      {"lpad", {kString, kInt64}, kString, pad<true>, kYes},
      {"lpad", {kString, kInt64, kString}, kString, pad<true>, kYes},
      {"repeat", {kString, kInt64}, kString, repeat, kYes},
      {"replace", {kString, kString, kString}, kString, replace, kYes},
      {"reverse", {kString}, kString, reverse},
      {"rpad", {kString, kInt64}, kString, pad<false>, kYes},
      {"rpad", {kString, kInt64, kString}, kString, pad<false>, kYes},
      {"split_part", {kString, kString, kInt64}, kString, split_part, kYes},
  };
  return list;
}

}  // namespace penstock::sql
