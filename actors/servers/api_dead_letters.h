// What the operations on dead letters share: letters as JSON, times in filters, and the operation that replays.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/servers/api_route.h"
#include "actors/servers/dead_letter_desk.h"

namespace penstock {

inline constexpr const char* kLetterTime = "a time such as 2024-05-01T12:00:00Z, or so long ago, such as 1h";
/// ISO 8601, or a duration before `now`.
std::optional<Timestamp> parse_letter_time(std::string_view text, Timestamp now);

std::string to_json(const DeadLetter& letter);
std::string to_json(const LetterPage& page);
std::string to_json(const LetterSummary& summary);
std::string to_json(const LetterDetail& detail);
std::string to_json(const ReplayAnswer& answer);

/// Reads the body of a replay. Errors: invalid_argument, naming the place as a JSON Pointer.
Result<ReplayRequest> parse_replay(const std::string& body, Timestamp now);

/// POST /v1/dead-letters/replay.
ApiRoute dead_letter_replay_route();

}  // namespace penstock
