// What a source remembers of requests so that nothing is taken in twice: the answer each Idempotency-Key got, the ids of
// records, and in which order they came, for forgetting them. One table a source; written in the transaction that takes
// the records in.
//
//   table  := "ingest:" source
//   'k' idempotency key                          → answer
//   'i' id                                       → at:i64
//   't' at:u64 (big-endian) hash of value:u64    → key*               what was remembered then
//   id     := 0x00 value | 0x01 XXH3_128(value):16 bytes             value as in messages/key.h; the first if ≤ 64 bytes
//   key    := size:u32 bytes                                         a key of this table
//   answer := version:u8 (1) at:i64 fingerprint:text accepted:u64 rejected:u64 duplicates:u64
//             places:u32 (partition:u32 append:u32 records:u64)* errors:u32 (pointer:text detail:text)* offset:u64*
//   text   := size:u32 bytes
// `at` is in microseconds since 1970. The offsets are put there by the store: one for each append of the transaction, and
// a place begins at that of its `append`. Numbers are little-endian where nothing else is said.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/servers/ingest_request.h"
#include "core/ids.h"
#include "core/status.h"

namespace penstock {

inline std::string ingest_table(const std::string& source) { return "ingest:" + source; }

std::string idempotency_record_key(std::string_view idempotency_key);
/// Of a value in a column of ids, by its physical row; empty if it is null.
std::string id_record_key(const RecordBatch& batch, size_t column, size_t row);
std::string encode_seen(Timestamp at);
/// Errors: data_loss.
Result<Timestamp> decode_seen(std::string_view value);

/// An entry of the index by time, for keys of this table.
struct RememberedAt {
  std::string key, value;
};
RememberedAt encode_remembered(Timestamp at, std::span<const std::string> keys);
inline constexpr std::string_view kRememberedPrefix = "t";
/// Errors: data_loss.
Result<Timestamp> remembered_time(std::string_view key);
Result<std::vector<std::string>> decode_remembered(std::string_view value);

struct StoredAnswer {
  Timestamp at;
  std::string fingerprint;
  IngestAnswer answer;  // of outcome kTaken
};
/// `appends`: for each place the number of the append in the transaction at which it begins. What is given back lacks the
/// offsets.
std::string encode_answer(const StoredAnswer& stored, std::span<const uint32_t> appends);
/// Errors: data_loss.
Result<StoredAnswer> decode_answer(std::string_view value);

}  // namespace penstock
