// A record of outside data that could not be decoded: where it stands, what was expected there and what was found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

struct DecodeError {
  static constexpr size_t kMaxRecord = 64 * 1024;

  std::string file;               // or another name of the input; empty: not from a file
  uint64_t line = 0;              // 1-based line on which the record begins; 0: the input has no lines
  uint64_t column = 0;            // 1-based byte in that line; 0: unknown
  std::string field;              // empty: the record as a whole
  std::string expected;           // `int64`, `an object`
  std::string found;              // `"abc"`; cut when long
  std::string record;             // the original bytes, cut at kMaxRecord
  std::optional<uint64_t> index;  // number of the record in its file or array, from 0, where records are counted

  /// `u.data:17:5: user: expected int64, found "abc"`; parts that are unknown are left out.
  /// Without a line: `body: record 3: user: expected int64, found "abc"`.
  std::string to_string() const;
};

/// For messages: at most about 60 bytes of `text` (cut between characters, then `...`), control characters and broken
/// UTF-8 written as `\x1b`.
std::string shorten(std::string_view text);

}  // namespace penstock
