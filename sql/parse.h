// The door to PostgreSQL's parser (libpg_query). Everything else in the room sees its tree as JSON text and its tokens as
// places. Thread safe. Offsets are bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/problem.h"

namespace penstock::sql {

struct Token {
  size_t begin = 0;
  size_t end = 0;
};

struct Parsed {
  std::string tree;           // JSON, as libpg_query writes it
  std::vector<Token> tokens;  // comments left out
};

// Longer texts, or more tokens, could make the parser's recursion overflow a thread's stack.
inline constexpr size_t kMaxTextBytes = 256 * 1024;
inline constexpr size_t kMaxTokens = 10'000;

/// What the tree has for `user` before a dot, as in `user.region`.
inline constexpr std::string_view kUserStandIn = "us$r";

/// Parses one or more statements. Errors: syntax; invalid UTF-8 or a zero byte; too long.
Checked<Parsed> parse_statement(std::string_view text);

}  // namespace penstock::sql
