#include "sql/json_access.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>

#include "messages/utf8.h"

namespace penstock::sql {
namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) { skip_spaces(); }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ == text_.size())
      return false;
    ++at_;
    skip_spaces();
    return true;
  }

  /// The value here as it is written; moves past it.
  std::string_view value() {
    const size_t begin = at_;
    size_t end = at_;
    for (int depth = 0; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else {
        if (depth == 0 && (c == ',' || c == ']' || c == '}' || c == ':'))
          break;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        ++at_;
      }
      if (!is_space(c))
        end = at_;
      if (depth == 0 && (c == '"' || c == '}' || c == ']'))
        break;
    }
    skip_spaces();
    return text_.substr(begin, end - begin);
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      at_ += text_[at_] == '\\';
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  size_t at_ = 0;
};

uint32_t hex4(std::string_view text) {
  uint32_t code = 0;
  if (text.size() >= 4)
    std::from_chars(text.data(), text.data() + 4, code, 16);
  return code;
}

}  // namespace

std::optional<std::string_view> json_member(std::string_view json, std::string_view key) {
  Cursor cursor(json);
  if (!cursor.take('{'))
    return std::nullopt;
  std::optional<std::string_view> found;
  std::string scratch;
  while (cursor.peek() == '"') {
    const bool wanted = json_text(cursor.value(), scratch) == key;
    cursor.take(':');
    const std::string_view value = cursor.value();
    if (wanted)
      found = value;
    if (!cursor.take(','))
      break;
  }
  return found;
}

std::optional<std::string_view> json_element(std::string_view json, int64_t index) {
  if (index < 0) {
    int64_t count = 0;
    for (Cursor counter(json); counter.take(count == 0 ? '[' : ',');) {
      if (counter.value().empty())
        break;
      ++count;
    }
    index += count;
    if (index < 0)
      return std::nullopt;
  }
  Cursor cursor(json);
  for (bool first = true; cursor.take(first ? '[' : ','); first = false) {
    const std::string_view value = cursor.value();
    if (value.empty())
      break;
    if (index-- == 0)
      return value;
  }
  return std::nullopt;
}

std::optional<std::vector<std::string_view>> json_elements(std::string_view json) {
  Cursor cursor(json);
  if (cursor.peek() != '[')
    return std::nullopt;
  std::vector<std::string_view> elements;
  while (cursor.take(elements.empty() ? '[' : ',')) {
    const std::string_view value = cursor.value();
    if (value.empty())
      break;
    elements.push_back(value);
  }
  return elements;
}

std::string_view json_text(std::string_view json, std::string& scratch) {
  if (json.size() < 2 || json.front() != '"')
    return json;
  const std::string_view inner = json.substr(1, json.size() - 2);
  if (inner.find('\\') == std::string_view::npos)
    return inner;
  scratch.clear();
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] != '\\' || i + 1 == inner.size()) {
      scratch += inner[i];
      continue;
    }
    const char c = inner[++i];
    constexpr std::string_view kNames = "bfnrt";
    constexpr std::string_view kValues = "\b\f\n\r\t";
    if (const size_t named = kNames.find(c); named != std::string_view::npos) {
      scratch += kValues[named];
    } else if (c == 'u') {
      uint32_t code = hex4(inner.substr(i + 1));
      i += 4;
      if (code >= 0xd800 && code < 0xdc00 && inner.substr(std::min(i + 1, inner.size())).starts_with("\\u")) {
        const uint32_t low = hex4(inner.substr(i + 3));
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      }
      // Half of a surrogate pair is no character.
      append_utf8((code >= 0xd800 && code < 0xe000) || code > 0x10ffff ? 0xfffd : code, scratch);
    } else {
      scratch += c;
    }
  }
  return scratch;
}

bool is_json(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> ignore;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  return !reader.Parse<kFlags>(stream, ignore).IsError();
}

}  // namespace penstock::sql
