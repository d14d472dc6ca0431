// A walk over the tokens of JSON text, one value after the other. Everything it walks over is checked against the whole
// grammar of RFC 8259 (what JsonTokens has not checked already): structure, literals, numbers, escapes, depth.
//
// The functions return false at the first mistake; then `expected()` says what should have stood at `token()`, and the
// cursor may only be moved with seek(). Text and positions must outlive it.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace penstock {

class JsonCursor {
 public:
  static constexpr int kMaxDepth = 512;

  JsonCursor() = default;
  /// `positions` as given by JsonTokens, or a stretch of them with the next one behind it. `escapes`: whether there may
  /// be a backslash in that stretch; strings are looked through for escapes only then.
  JsonCursor(std::string_view text, std::span<const uint32_t> positions, bool escapes = true)
      : text_(text.data()), at_(positions.data()), count_(positions.size() - 1), escapes_(escapes) {}

  /// Number of the token the cursor stands on, from 0; as many as there are at the end.
  size_t token() const { return token_; }
  void seek(size_t token) { token_ = token; }
  bool at_end() const { return token_ == count_; }
  /// Where in the text the token begins; at the end, where the next thing does.
  size_t position() const { return at_[token_]; }
  const char* here() const { return text_ + at_[token_]; }

  /// First byte of the token, 0 at the end.
  char peek() const { return token_ < count_ ? text_[at_[token_]] : '\0'; }
  /// Steps over `c`, if that is what stands here.
  bool take(char c) {
    if (peek() != c)
      return false;
    ++token_;
    return true;
  }
  /// The token with all that follows it up to the next one, less white space.
  std::string_view token_text() const {
    const char* begin = text_ + at_[token_];
    const char* end = text_ + at_[token_ + 1];
    while (end > begin && is_space(end[-1]))
      --end;
    return {begin, static_cast<size_t>(end - begin)};
  }

  /// Steps over the string here if it is written exactly so. Requires: `raw` was got by take_raw_string() before.
  bool take_same_string(std::string_view raw) {
    const char* begin = text_ + at_[token_];
    if (peek() != '"' || at_[token_ + 1] - at_[token_] < raw.size() + 2 || begin[raw.size() + 1] != '"' ||
        !same_bytes(begin + 1, raw.data(), raw.size()))
      return false;
    ++token_;
    return true;
  }
  /// What is between the quotes of the string here, escapes as they are written; steps over it.
  bool take_raw_string(std::string_view& out) {
    if (peek() != '"')
      return fail("a string");
    const std::string_view text = token_text();
    if (text.size() < 2 || text.back() != '"')
      return fail("a string");
    out = text.substr(1, text.size() - 2);
    ++token_;
    return true;
  }
  /// The same with its escapes resolved, in `scratch` if there are any.
  bool take_string(std::string_view& out, std::string& scratch) {
    if (!take_raw_string(out))
      return false;
    return !has_escapes(out) || take_escaped(out, scratch);
  }

  /// Steps over the value here, of any type, checking all of it.
  bool skip_value() { return skip(nullptr, 0); }
  /// The same; appends its text without white space to `out`.
  bool take_minified(std::string& out) { return skip(&out, 0); }

  const char* expected() const { return expected_; }
  bool fail(const char* expected) {
    expected_ = expected;
    return false;
  }

 private:
  // memcmp() without the call, which would cost more than comparing a name does.
  static bool same_bytes(const char* a, const char* b, size_t size) {
    const auto differ = [&](size_t at) {
      uint64_t x, y;
      std::memcpy(&x, a + at, 8);
      std::memcpy(&y, b + at, 8);
      return x != y;
    };
    if (size < 8) {
      for (size_t i = 0; i < size; ++i)
        if (a[i] != b[i])
          return false;
      return true;
    }
    for (size_t at = 0; at + 8 < size; at += 8)
      if (differ(at))
        return false;
    return !differ(size - 8);
  }
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  bool has_escapes(std::string_view raw) const {
    return escapes_ && std::memchr(raw.data(), '\\', raw.size()) != nullptr;
  }
  bool take_escaped(std::string_view& out, std::string& scratch);
  bool skip(std::string* out, int depth);
  bool skip_members(std::string* out, int depth);
  bool skip_elements(std::string* out, int depth);
  bool skip_string(std::string* out);
  bool skip_scalar(std::string* out);

  const char* text_ = nullptr;
  const uint32_t* at_ = nullptr;
  size_t count_ = 0;
  size_t token_ = 0;
  bool escapes_ = true;
  const char* expected_ = "";
  std::string scratch_;
};

/// Appends `raw`, the text between a JSON string's quotes, with its escapes resolved; false if one is wrong.
bool append_unescaped(std::string_view raw, std::string& out);

}  // namespace penstock
