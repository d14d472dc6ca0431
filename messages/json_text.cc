#include "messages/json_text.h"

#include "messages/decode_error.h"
#include "messages/json_cursor.h"
#include "messages/json_tokens.h"

namespace penstock {

Result<std::string> minify_json(std::string_view text) {
  thread_local JsonTokens tokens;
  switch (tokens.find(text)) {
    case JsonTokens::Fault::kNone: break;
    case JsonTokens::Fault::kUtf8: return invalid_argument("expected UTF-8 text");
    case JsonTokens::Fault::kControlCharacter: return invalid_argument("expected no control characters in strings");
    case JsonTokens::Fault::kUnclosedString: return invalid_argument("expected a closing quote, found the end");
    case JsonTokens::Fault::kTooLong: return invalid_argument("expected less than 4 GiB of text");
  }
  JsonCursor cursor(text, tokens.positions());
  std::string out;
  out.reserve(text.size());
  if (cursor.take_minified(out) && (cursor.at_end() || cursor.fail("the end")))
    return out;
  const std::string found = cursor.at_end() ? "the end" : shorten(cursor.token_text());
  return invalid_argument(std::string("expected ") + cursor.expected() + ", found " + found + " at byte " +
                          std::to_string(cursor.position() + 1));
}

}  // namespace penstock
