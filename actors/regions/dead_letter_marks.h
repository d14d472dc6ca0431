// What became of a dead letter, kept beside the log in one table, since a log cannot be changed.
//
//   table  := "dead_letters"
//   number:u64 (big-endian)  → version:u8 (1) state:u8 (1 replayed, 2 purged) at:i64 times:u32 log
// `at` is in microseconds since 1970, `times` counts the replays, `log` is where the last one went. Numbers are
// little-endian where nothing else is said.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/servers/dead_letter_desk.h"
#include "core/status.h"

namespace penstock {

inline constexpr const char* kDeadLetterMarks = "dead_letters";

struct LetterMark {
  bool purged = false;
  DeadLetter::Replayed replayed;  // times 0: never
};

std::string letter_key(Offset number);
std::string encode_mark(const LetterMark& mark);
/// Errors: data_loss.
Result<LetterMark> decode_mark(std::string_view value);

}  // namespace penstock
