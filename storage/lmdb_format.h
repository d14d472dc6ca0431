// The bytes of the store's keys and values. The grammar of all of it is in storage/FORMAT.md.
//
// Every value is sealed: an XXH3 checksum over key and value, then a fixed head that begins with the version of its
// format, then a body of any length. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/status.h"

namespace penstock {

inline constexpr uint32_t kStoreFormat = 1;  // of the store as a whole, kept in its `format` record
inline constexpr uint8_t kValueVersion = 1;  // first byte of every head
inline constexpr size_t kCheckBytes = 8;
inline constexpr uint32_t kPositionsTable = 0;  // table id; tables of users begin at 1

uint64_t body_hash(std::string_view body);
/// Bytes of a sealed value.
constexpr size_t sealed_size(size_t head, size_t body) { return kCheckBytes + head + body; }
/// Writes sealed_size bytes to `out`. Requires: `hash` is body_hash(body); the key has at most 511 bytes, the head 32.
void seal(char* out, std::string_view key, std::string_view head, std::string_view body, uint64_t hash);
std::string sealed(std::string_view key, std::string_view head, std::string_view body);
/// The body, with `head` set to the head; nothing if the checksum or the version is wrong.
std::optional<std::string_view> unseal(std::string_view key, std::string_view value, size_t head_bytes,
                                       std::string_view* head);

/// Why unseal gives nothing (or what it gives does not fit its kind): `WHAT: its checksum is wrong; the stored bytes are
/// damaged`, data_loss; or, if it is whole, both versions and what to do, failed_precondition.
Status unreadable(std::string_view what, std::string_view key, std::string_view value, size_t head_bytes);

// Database `entries`: key log id, partition, first offset.
inline constexpr size_t kEntryKeyBytes = 16;
struct EntryKey {
  uint32_t log = 0;
  uint32_t partition = 0;
  uint64_t first = 0;
  std::string encode() const;
  static std::optional<EntryKey> decode(std::string_view key);
};
inline constexpr size_t kEntryHeadBytes = 13;
std::string entry_head(uint32_t records, Timestamp appended);
uint32_t entry_records(std::string_view head);
Timestamp entry_appended(std::string_view head);

// Database `changelog`: key sequence number; the body is an encoded delta (delta_segment.h).
std::string changelog_key(uint64_t sequence);
inline constexpr size_t kChangelogHeadBytes = 9;
std::string changelog_head(uint32_t table, uint32_t entries);
uint32_t changelog_table(std::string_view head);
uint32_t changelog_entries(std::string_view head);

// Database `tables`: key table id and the user's key, or for keys longer than kShortKeyBytes their first kKeptKeyBytes
// and a hash of the whole; the body of such a value begins with the whole key.
inline constexpr size_t kStoredKeyBytes = 511;  // LMDB's limit
inline constexpr size_t kKeptKeyBytes = kStoredKeyBytes - 4 - 16;
inline constexpr size_t kShortKeyBytes = kStoredKeyBytes - 4 - 1;
inline constexpr size_t kTableHeadBytes = 1;
std::string table_key(uint32_t table, std::string_view key);
inline bool is_long_key(std::string_view stored_key) { return stored_key.size() == kStoredKeyBytes; }
std::string table_head();
/// The body to store under table_key(..., key).
std::string table_body(std::string_view key, std::string_view value);
struct TableEntry {
  std::string_view key, value;
};
/// Nothing if it is damaged.
std::optional<TableEntry> decode_table_entry(std::string_view stored_key, std::string_view stored_value);

/// Key of a position in kPositionsTable.
struct PositionKey {
  std::string owner, source;
  uint32_t partition = 0;
  std::string encode() const;
  static std::optional<PositionKey> decode(std::string_view key);
};

}  // namespace penstock
