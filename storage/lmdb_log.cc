#include "storage/lmdb_log.h"

#include "storage/limits.h"
#include "storage/lmdb_format.h"

namespace penstock {
namespace {

bool same_partition(const std::optional<EntryKey>& key, uint32_t log, Partition partition) {
  return key && key->log == log && key->partition == partition.value();
}

Result<LogEntry> decode_entry(const LmdbCursor& cursor, const EntryKey& key, std::string_view name) {
  std::string_view head;
  const auto body = unseal(cursor.key, cursor.value, kEntryHeadBytes, &head);
  if (!body)
    return unreadable(log_place(name, key.partition, key.first), cursor.key, cursor.value, kEntryHeadBytes);
  return LogEntry{Offset(key.first), entry_records(head), entry_appended(head), std::string(*body)};
}

// Places the cursor at the entry that covers `from`, or the next one after it.
Result<bool> seek_covering(LmdbCursor& cursor, uint32_t log, Partition partition, Offset from) {
  const std::string wanted = EntryKey{log, partition.value(), from.value()}.encode();
  PENSTOCK_ASSIGN(bool found, cursor.seek(wanted));
  if (found && cursor.key == wanted)
    return true;
  // The entry before covers `from` if it is long enough. It need not be: `from` may be the end of the log.
  PENSTOCK_ASSIGN(const bool before, cursor.move(found ? MDB_PREV : MDB_LAST));
  if (before && same_partition(EntryKey::decode(cursor.key), log, partition))
    return true;
  PENSTOCK_ASSIGN(found, cursor.seek(wanted));
  return found;
}

}  // namespace

std::string log_place(std::string_view name, uint32_t partition, uint64_t offset) {
  return "log " + in_quotes(name) + " partition " + std::to_string(partition) + " offset " + std::to_string(offset);
}

Status log_damage(std::string_view name, uint32_t partition, uint64_t offset, std::string_view what) {
  return data_loss(log_place(name, partition, offset) + ": " + std::string(what));
}

Status append_log_entry(MDB_txn* txn, const LmdbEnv& env, uint32_t log, Partition partition, Offset first,
                        uint32_t records, Timestamp appended, std::string_view bytes, uint64_t hash) {
  const std::string key = EntryKey{log, partition.value(), first.value()}.encode();
  const std::string head = entry_head(records, appended);
  MDB_val at = val(key);
  MDB_val room{sealed_size(head.size(), bytes.size()), nullptr};
  if (const int code = mdb_put(txn, env.entries, &at, &room, MDB_RESERVE | MDB_NOOVERWRITE); code != 0)
    return lmdb_error("cannot append to a log", code);
  seal(static_cast<char*>(room.mv_data), key, head, bytes, hash);
  return ok();
}

Result<std::vector<LogEntry>> read_log_entries(MDB_txn* txn, const LmdbEnv& env, std::string_view name, uint32_t log,
                                               Partition partition, Offset from, uint64_t max_bytes) {
  PENSTOCK_ASSIGN(LmdbCursor cursor, LmdbCursor::open(txn, env.entries));
  PENSTOCK_ASSIGN(bool found, seek_covering(cursor, log, partition, from));
  std::vector<LogEntry> out;
  uint64_t bytes = 0;
  while (found) {
    const auto key = EntryKey::decode(cursor.key);
    if (!same_partition(key, log, partition))
      break;
    const uint64_t size = cursor.value.size() - std::min(cursor.value.size(), sealed_size(kEntryHeadBytes, 0));
    if (!out.empty() && bytes + size > max_bytes)
      break;
    PENSTOCK_ASSIGN(LogEntry entry, decode_entry(cursor, *key, name));
    if (entry.first.next(entry.records) > from) {
      if (!out.empty() && entry.first != out.back().first.next(out.back().records))
        return log_damage(name, partition.value(), key->first, "the entry does not follow the one before it");
      bytes += size;
      out.push_back(std::move(entry));
    }
    PENSTOCK_ASSIGN(found, cursor.move(MDB_NEXT));
  }
  return out;
}

Result<uint64_t> drop_old_entries(MDB_txn* txn, const LmdbEnv& env, const LmdbLog& log, Partition partition,
                                  Timestamp now, uint64_t most, LmdbPartition& range) {
  if (range.entries == 0 || (!log.options.retention.age && !log.options.retention.size))
    return uint64_t{0};
  PENSTOCK_ASSIGN(LmdbCursor cursor, LmdbCursor::open(txn, env.entries));
  // Always from the partition's first entry: a damaged entry goes too (its time cannot be trusted, its place can), and what
  // it says of its length must not make us miss the next one.
  const std::string front = EntryKey{log.id, partition.value(), 0}.encode();
  uint64_t dropped = 0;
  while (true) {
    PENSTOCK_ASSIGN(const bool found, cursor.seek(front));
    const auto key = found ? EntryKey::decode(cursor.key) : std::nullopt;
    if (!same_partition(key, log.id, partition)) {
      range = {range.next, range.next, 0, 0};
      break;
    }
    range.first = Offset(key->first);
    if (dropped == most || cursor.value.size() < sealed_size(kEntryHeadBytes, 0))
      break;
    const std::string_view head = cursor.value.substr(kCheckBytes, kEntryHeadBytes);
    if (!drops_oldest(log.options.retention, now, entry_appended(head), range.bytes, range.entries))
      break;
    range.bytes -= std::min<uint64_t>(range.bytes, cursor.value.size() - sealed_size(kEntryHeadBytes, 0));
    range.entries -= std::min<uint64_t>(range.entries, 1);
    PENSTOCK_TRY(cursor.erase());
    ++dropped;
  }
  return dropped;
}

}  // namespace penstock
