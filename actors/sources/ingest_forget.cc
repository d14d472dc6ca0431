// Ingest::forget: drops what requests left behind once it is too old to be asked for.
#include "actors/sources/ingest.h"
#include "actors/sources/ingest_records.h"

namespace penstock {

/// Whether what is under the key is no younger than that: a record that came again after its id had been forgotten is
/// remembered anew.
Result<bool> Ingest::is_old(const std::string& key, Timestamp remembered) const {
  PENSTOCK_ASSIGN(const auto value, runtime_.store.get(table_, key));
  if (!value)
    return false;
  if (key.starts_with('i')) {
    PENSTOCK_ASSIGN(const Timestamp at, decode_seen(*value));
    return at <= remembered;
  }
  PENSTOCK_ASSIGN(const StoredAnswer stored, decode_answer(*value));
  return stored.at <= remembered;
}

Result<uint64_t> Ingest::forget(Timestamp now, size_t most) {
  struct Entry {
    std::string key;
    Timestamp at;
    std::vector<std::string> keys;
  };
  std::vector<Entry> due;
  size_t keys_due = 0;
  Status damage;
  PENSTOCK_TRY(runtime_.store.scan(table_, kRememberedPrefix, [&](std::string_view key, std::string_view value) {
    const auto at = remembered_time(key);
    auto keys = decode_remembered(value);
    damage = !at.ok() ? at.status() : keys.status();
    if (!damage.ok() || at->micros + remember_for_.micros > now.micros || keys_due >= most)
      return false;
    keys_due += keys->size();
    due.push_back({std::string(key), *at, std::move(*keys)});
    return true;
  }));
  PENSTOCK_TRY(damage);

  // While they are claimed no request can look at them, or bring them back.
  std::vector<const Entry*> claimed;
  const auto forget_claimed = [&]() -> Result<uint64_t> {
    WriteBatch write;
    uint64_t forgotten = 0;
    for (const Entry* entry : claimed) {
      for (const std::string& key : entry->keys) {
        PENSTOCK_ASSIGN(const bool old, is_old(key, entry->at));
        if (old)
          write.erase(table_, key);
        forgotten += old;
      }
      write.erase(table_, entry->key);
    }
    PENSTOCK_TRY(runtime_.store.commit_and_wait(std::move(write)).status);
    return forgotten;
  };
  for (const Entry& entry : due)
    if (claims_.try_take(entry.keys))  // else somebody is at work on one of them: next time
      claimed.push_back(&entry);
  if (claimed.empty())
    return uint64_t{0};
  Result<uint64_t> forgotten = forget_claimed();
  for (const Entry* entry : claimed)
    claims_.give_back(entry->keys);
  return forgotten;
}

}  // namespace penstock
