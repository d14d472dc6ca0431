#include "sql/parse.h"

extern "C" {
#include <pg_query.h>
}

#include <optional>

#include "sql/utf8.h"

namespace penstock::sql {
namespace {

// The parser counts characters from 1; we count bytes from 0.
size_t byte_of_character(std::string_view text, int position) {
  size_t byte = 0;
  for (int i = 1; i < position && byte < text.size(); ++i)
    byte += utf8_length(text[byte]);
  return std::min(byte, text.size());
}

Problem problem_of(std::string_view text, const PgQueryError& error) {
  std::string message = error.message ? error.message : "cannot be parsed";
  return {byte_of_character(text, error.cursorpos), std::move(message), ""};
}

// The scanner answers in Protobuf: ScanResult{repeated ScanToken tokens = 2}, ScanToken{int32 start = 1, end = 2, ...}. The few
// varints are read here, so that the room needs no generated code.
class Wire {
 public:
  explicit Wire(std::string_view bytes) : rest_(bytes) {}
  bool done() const { return rest_.empty(); }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80)
        break;
    }
    return value;
  }
  std::string_view bytes() {
    const size_t length = std::min<uint64_t>(varint(), rest_.size());
    const std::string_view out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return out;
  }

 private:
  std::string_view rest_;
};

Token read_token(std::string_view message) {
  Token token;
  for (Wire wire(message); !wire.done();) {
    const uint64_t tag = wire.varint();
    const uint64_t value = wire.varint();  // every field of a token is a varint
    if (tag == (1 << 3))
      token.begin = value;
    else if (tag == (2 << 3))
      token.end = value;
  }
  return token;
}

std::vector<Token> read_tokens(std::string_view text, std::string_view message) {
  std::vector<Token> tokens;
  for (Wire wire(message); !wire.done();) {
    const uint64_t tag = wire.varint();
    if (tag != (2 << 3 | 2)) {
      wire.varint();  // the version
      continue;
    }
    const Token token = read_token(wire.bytes());
    const std::string_view start = text.substr(std::min(token.begin, text.size()), 2);
    if (start != "--" && start != "/*")
      tokens.push_back(token);
  }
  return tokens;
}

Checked<std::vector<Token>> scan(const std::string& text) {
  PgQueryScanResult result = pg_query_scan(text.c_str());
  std::optional<Problem> problem;
  std::vector<Token> tokens;
  if (result.error)
    problem = problem_of(text, *result.error);
  else
    tokens = read_tokens(text, {result.pbuf.data, result.pbuf.len});
  pg_query_free_scan_result(result);
  if (problem)
    return *problem;
  return tokens;
}

// `user` is a reserved word, so `user.region` would be no column; another word of the same length stands in for it.
void hide_user(std::string& text, const std::vector<Token>& tokens) {
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& word = tokens[i];
    if (word.end - word.begin != kUserStandIn.size() || text[word.end] != '.' || tokens[i + 1].begin != word.end)
      continue;
    std::string lower = text.substr(word.begin, kUserStandIn.size());
    for (char& c : lower)
      c = static_cast<char>(c | 0x20);
    if (lower == "user")
      text.replace(word.begin, kUserStandIn.size(), kUserStandIn);
  }
}

}  // namespace

Checked<Parsed> parse_statement(std::string_view text) {
  if (text.size() > kMaxTextBytes)
    return Problem{kMaxTextBytes, "the SQL has " + std::to_string(text.size()) + " bytes",
                   "at most " + std::to_string(kMaxTextBytes) + " are allowed"};
  if (const size_t valid = utf8_valid_prefix(text); valid != text.size())
    return Problem{valid, "this byte is not valid UTF-8", ""};
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos)
    return Problem{zero, "a zero byte is not allowed in SQL", ""};

  std::string copy(text);
  auto tokens = scan(copy);
  if (!tokens.ok())
    return tokens.problem();
  if (tokens->size() > kMaxTokens)
    return Problem{(*tokens)[kMaxTokens].begin, "the SQL has " + std::to_string(tokens->size()) + " words and signs",
                   "at most " + std::to_string(kMaxTokens) + " are allowed"};

  hide_user(copy, *tokens);
  PgQueryParseResult result = pg_query_parse(copy.c_str());
  std::optional<Problem> problem;
  Parsed parsed;
  if (result.error)
    problem = problem_of(text, *result.error);
  else
    parsed = {result.parse_tree, std::move(*tokens)};
  pg_query_free_parse_result(result);
  if (problem)
    return *problem;
  return parsed;
}

}  // namespace penstock::sql
