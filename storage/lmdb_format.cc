#include "storage/lmdb_format.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cassert>

#include "storage/bytes.h"

namespace penstock {
namespace {

// The body is hashed on its own, so that this can be done before the key is known (an entry's offset).
uint64_t value_check(std::string_view key, std::string_view head, uint64_t hash) {
  char joined[kStoredKeyBytes + 32 + 8];
  assert(key.size() + head.size() + 8 <= sizeof joined);
  std::memcpy(joined, key.data(), key.size());
  std::memcpy(joined + key.size(), head.data(), head.size());
  store_le(joined + key.size() + head.size(), hash);
  return XXH3_64bits(joined, key.size() + head.size() + 8);
}

}  // namespace

uint64_t body_hash(std::string_view body) { return XXH3_64bits(body.data(), body.size()); }

void seal(char* out, std::string_view key, std::string_view head, std::string_view body, uint64_t hash) {
  store_le(out, value_check(key, head, hash));
  std::memcpy(out + kCheckBytes, head.data(), head.size());
  if (!body.empty())
    std::memcpy(out + kCheckBytes + head.size(), body.data(), body.size());
}

std::string sealed(std::string_view key, std::string_view head, std::string_view body) {
  std::string out(sealed_size(head.size(), body.size()), '\0');
  seal(out.data(), key, head, body, body_hash(body));
  return out;
}

std::optional<std::string_view> unseal(std::string_view key, std::string_view value, size_t head_bytes,
                                       std::string_view* head) {
  if (key.size() > kStoredKeyBytes || value.size() < kCheckBytes + head_bytes)
    return std::nullopt;
  const std::string_view found_head = value.substr(kCheckBytes, head_bytes);
  const std::string_view body = value.substr(kCheckBytes + head_bytes);
  if (load_le<uint64_t>(value.data()) != value_check(key, found_head, body_hash(body)))
    return std::nullopt;
  if (static_cast<uint8_t>(found_head[0]) != kValueVersion)
    return std::nullopt;
  if (head)
    *head = found_head;
  return body;
}

Status unreadable(std::string_view what, std::string_view key, std::string_view value, size_t head_bytes) {
  const std::string text = std::string(what) + ": ";
  if (key.size() <= kStoredKeyBytes && value.size() >= kCheckBytes + head_bytes) {
    const std::string_view head = value.substr(kCheckBytes, head_bytes);
    const auto version = static_cast<uint8_t>(head[0]);
    if (version != kValueVersion &&
        load_le<uint64_t>(value.data()) == value_check(key, head, body_hash(value.substr(kCheckBytes + head_bytes))))
      return failed_precondition(text + "it is stored in version " + std::to_string(version) +
                                 ", this program reads version " + std::to_string(kValueVersion) +
                                 "; use the Penstock that wrote it, or restore a backup that this one can read");
  }
  return data_loss(text + "its checksum is wrong; the stored bytes are damaged");
}

std::string EntryKey::encode() const {
  std::string key(kEntryKeyBytes, '\0');
  store_be32(key.data(), log);
  store_be32(key.data() + 4, partition);
  store_be64(key.data() + 8, first);
  return key;
}

std::optional<EntryKey> EntryKey::decode(std::string_view key) {
  if (key.size() != kEntryKeyBytes)
    return std::nullopt;
  return EntryKey{load_be32(key.data()), load_be32(key.data() + 4), load_be64(key.data() + 8)};
}

std::string entry_head(uint32_t records, Timestamp appended) {
  std::string head(kEntryHeadBytes, static_cast<char>(kValueVersion));
  store_le(head.data() + 1, records);
  store_le(head.data() + 5, appended.micros);
  return head;
}

uint32_t entry_records(std::string_view head) { return load_le<uint32_t>(head.data() + 1); }
Timestamp entry_appended(std::string_view head) { return {load_le<int64_t>(head.data() + 5)}; }

std::string changelog_key(uint64_t sequence) {
  std::string key(8, '\0');
  store_be64(key.data(), sequence);
  return key;
}

std::string changelog_head(uint32_t table, uint32_t entries) {
  std::string head(kChangelogHeadBytes, static_cast<char>(kValueVersion));
  store_le(head.data() + 1, table);
  store_le(head.data() + 5, entries);
  return head;
}

uint32_t changelog_table(std::string_view head) { return load_le<uint32_t>(head.data() + 1); }
uint32_t changelog_entries(std::string_view head) { return load_le<uint32_t>(head.data() + 5); }

std::string table_key(uint32_t table, std::string_view key) {
  const bool fits = key.size() <= kShortKeyBytes;
  std::string stored(4, '\0');
  stored.reserve(fits ? 4 + key.size() : kStoredKeyBytes);
  store_be32(stored.data(), table);
  stored += fits ? key : key.substr(0, kKeptKeyBytes);
  if (!fits) {
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(key.data(), key.size()));
    stored.append(reinterpret_cast<const char*>(hash.digest), sizeof hash.digest);
  }
  return stored;
}

std::string table_head() { return std::string(kTableHeadBytes, static_cast<char>(kValueVersion)); }

std::string table_body(std::string_view key, std::string_view value) {
  std::string body;
  if (key.size() > kShortKeyBytes) {
    body.reserve(4 + key.size() + value.size());
    append_le(body, static_cast<uint32_t>(key.size()));
    body += key;
  }
  body += value;
  return body;
}

std::optional<TableEntry> decode_table_entry(std::string_view stored_key, std::string_view stored_value) {
  const auto body = unseal(stored_key, stored_value, kTableHeadBytes, nullptr);
  if (!body || stored_key.size() < 4)
    return std::nullopt;
  if (!is_long_key(stored_key))
    return TableEntry{stored_key.substr(4), *body};
  if (body->size() < 4)
    return std::nullopt;
  const uint32_t size = load_le<uint32_t>(body->data());
  if (size > body->size() - 4)
    return std::nullopt;
  return TableEntry{body->substr(4, size), body->substr(4 + size)};
}

std::string PositionKey::encode() const {
  std::string key;
  append_le(key, static_cast<uint32_t>(owner.size()));
  key += owner;
  key += source;
  char last[4];
  store_be32(last, partition);
  return key.append(last, sizeof last);
}

std::optional<PositionKey> PositionKey::decode(std::string_view key) {
  if (key.size() < 8)
    return std::nullopt;
  const uint32_t owner = load_le<uint32_t>(key.data());
  if (owner > key.size() - 8)
    return std::nullopt;
  return PositionKey{std::string(key.substr(4, owner)), std::string(key.substr(4 + owner, key.size() - 8 - owner)),
                     load_be32(key.data() + key.size() - 4)};
}

}  // namespace penstock
