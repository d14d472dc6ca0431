// Where the tokens of JSON text begin: `{ } [ ] : ,`, opening quotes, and first bytes of anything else that is not
// white space. The door to simdjson's first stage, which finds them with vector instructions and checks on the way that
// the text is UTF-8, that strings are closed, and that they hold no control characters. What the tokens mean is
// json_cursor.h's matter. The text may hold any number of values. Not thread safe: one per user.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace penstock {

class JsonTokens {
 public:
  enum class Fault { kNone, kUtf8, kControlCharacter, kUnclosedString, kTooLong };

  JsonTokens();
  ~JsonTokens();
  JsonTokens(JsonTokens&&) noexcept;
  JsonTokens& operator=(JsonTokens&&) noexcept;

  /// Finds the tokens of `text`; with a fault there are none. Requires: less than 4 GiB.
  Fault find(std::string_view text);
  /// Positions in the text, ascending, with the text's size behind the last one. Valid until the next find().
  std::span<const uint32_t> positions() const { return positions_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::span<const uint32_t> positions_;
};

}  // namespace penstock
