#include "storage/lmdb_state.h"

#include <algorithm>

#include "storage/bytes.h"
#include "storage/limits.h"
#include "storage/lmdb_format.h"

namespace penstock {
namespace {

// First byte of a key in `meta`.
constexpr char kFormat = 'F', kLog = 'L', kPartition = 'P', kTable = 'T';
constexpr int64_t kNoAge = -1;
constexpr uint64_t kNoSize = ~0ull;

const std::string& meta_head() {
  static const std::string head(1, static_cast<char>(kValueVersion));
  return head;
}

Status put_meta(MDB_txn* txn, const LmdbEnv& env, const std::string& key, const std::string& body) {
  std::string value = sealed(key, meta_head(), body);
  MDB_val at = val(key), data = val(value);
  const int code = mdb_put(txn, env.meta, &at, &data, 0);
  return code == 0 ? ok() : lmdb_error("cannot write the store's catalogue", code);
}

Status damaged(std::string_view what) {
  return data_loss("the record of " + std::string(what) + " in the store's catalogue is damaged");
}

std::string partition_key(uint32_t log, uint32_t partition) {
  std::string key(9, kPartition);
  store_be32(key.data() + 1, log);
  store_be32(key.data() + 5, partition);
  return key;
}

Status load_log(std::string_view name, std::string_view body, LmdbState& state) {
  if (body.size() != 24)
    return damaged("log " + in_quotes(name));
  LmdbLog log;
  log.id = load_le<uint32_t>(body.data());
  log.options.partitions = load_le<uint32_t>(body.data() + 4);
  if (log.options.partitions < 1 || log.options.partitions > kMaxPartitions)
    return damaged("log " + in_quotes(name));
  if (const auto age = load_le<int64_t>(body.data() + 8); age != kNoAge)
    log.options.retention.age = Duration{age};
  if (const auto size = load_le<uint64_t>(body.data() + 16); size != kNoSize)
    log.options.retention.size = Bytes{size};
  log.partitions.resize(log.options.partitions);
  state.logs.emplace(name, std::move(log));
  return ok();
}

Status load_partition(std::string_view key, std::string_view body, std::map<uint32_t, LmdbLog*>& by_id) {
  if (key.size() != 9 || body.size() != 32)
    return damaged("a partition");
  const uint32_t log = load_be32(key.data() + 1), partition = load_be32(key.data() + 5);
  const auto found = by_id.find(log);
  if (found == by_id.end() || partition >= found->second->partitions.size())
    return damaged("a partition");
  found->second->partitions[partition] = {Offset(load_le<uint64_t>(body.data())),
                                          Offset(load_le<uint64_t>(body.data() + 8)),
                                          load_le<uint64_t>(body.data() + 16), load_le<uint64_t>(body.data() + 24)};
  return ok();
}

Status load_changelog(MDB_txn* txn, const LmdbEnv& env, LmdbState& state) {
  std::map<uint32_t, LmdbTable*> by_id;
  for (auto& [name, table] : state.tables)
    by_id[table.id] = &table;
  PENSTOCK_ASSIGN(LmdbCursor cursor, LmdbCursor::open(txn, env.changelog));
  PENSTOCK_ASSIGN(bool found, cursor.move(MDB_FIRST));
  while (found) {
    std::string_view head;
    const auto body = unseal(cursor.key, cursor.value, kChangelogHeadBytes, &head);
    const uint64_t sequence = cursor.key.size() == 8 ? load_be64(cursor.key.data()) : 0;
    const std::string what = "changelog entry " + std::to_string(sequence);
    if (!body || sequence == 0)
      return unreadable(what, cursor.key, cursor.value, kChangelogHeadBytes);
    const auto table = by_id.find(changelog_table(head));
    const auto segment = DeltaSegment::decode(std::string(*body), changelog_entries(head));
    if (table == by_id.end() || !segment)
      return data_loss(what + " does not follow the format");
    table->second->overlay = table->second->overlay->with(segment);
    state.changelog_bytes += cursor.value.size();
    state.next_sequence = sequence + 1;
    PENSTOCK_ASSIGN(found, cursor.move(MDB_NEXT));
  }
  return ok();
}

}  // namespace

Status put_log_record(MDB_txn* txn, const LmdbEnv& env, const std::string& name, const LmdbLog& log) {
  const Retention& retention = log.options.retention;
  std::string body;
  append_le(body, log.id);
  append_le(body, log.options.partitions);
  append_le(body, retention.age ? retention.age->micros : kNoAge);
  append_le(body, retention.size ? retention.size->count : kNoSize);
  return put_meta(txn, env, kLog + name, body);
}

Status put_partition_record(MDB_txn* txn, const LmdbEnv& env, uint32_t log, uint32_t partition,
                            const LmdbPartition& record) {
  std::string body;
  append_le(body, record.first.value());
  append_le(body, record.next.value());
  append_le(body, record.bytes);
  append_le(body, record.entries);
  return put_meta(txn, env, partition_key(log, partition), body);
}

Status put_table_record(MDB_txn* txn, const LmdbEnv& env, const std::string& name, uint32_t id) {
  std::string body;
  append_le(body, id);
  return put_meta(txn, env, kTable + name, body);
}

// The format record alone is unsealed and must stay where and as it is, so that every version can read it.
Status check_format(MDB_txn* txn, const LmdbEnv& env, const std::string& path) {
  const std::string key(1, kFormat);
  MDB_val at = val(key), found{};
  const int code = mdb_get(txn, env.meta, &at, &found);
  if (code == MDB_NOTFOUND)
    return not_found("store " + in_quotes(path) + " has no format record");
  if (code != 0)
    return lmdb_error("cannot read the format of store " + in_quotes(path), code);
  const uint32_t version = found.mv_size == 4 ? load_le<uint32_t>(static_cast<const char*>(found.mv_data)) : 0;
  if (version == kStoreFormat)
    return ok();
  return failed_precondition("store " + in_quotes(path) + " has format " + std::to_string(version) +
                             ", this program reads format " + std::to_string(kStoreFormat) +
                             (version > kStoreFormat ? "; use the newer Penstock that wrote it" : ""));
}

Status ensure_format(LmdbEnv& env, const std::string& path) {
  {
    PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(env));
    const Status status = check_format(read.get(), env, path);
    if (status.code() != Code::kNotFound)
      return status;
    MDB_stat stat;
    mdb_stat(read.get(), env.meta, &stat);
    if (stat.ms_entries > 0)
      return data_loss(status.message());
  }
  PENSTOCK_ASSIGN(LmdbWrite write, LmdbWrite::begin(env));
  PENSTOCK_TRY(put_format(write.get(), env).with_context("cannot begin store " + in_quotes(path)));
  return write.commit();
}

Status put_format(MDB_txn* txn, const LmdbEnv& env) {
  const std::string key(1, kFormat);
  std::string version;
  append_le(version, kStoreFormat);
  MDB_val at = val(key), data = val(version);
  const int code = mdb_put(txn, env.meta, &at, &data, 0);
  return code == 0 ? ok() : lmdb_error("cannot write the store's format", code);
}

Status load_meta(MDB_txn* txn, const LmdbEnv& env, LmdbState& state) {
  std::map<uint32_t, LmdbLog*> by_id;
  PENSTOCK_ASSIGN(LmdbCursor cursor, LmdbCursor::open(txn, env.meta));
  PENSTOCK_ASSIGN(bool found, cursor.move(MDB_FIRST));
  while (found) {  // keys sort F, L, P, T: logs come before their partitions
    const char kind = cursor.key.empty() ? '\0' : cursor.key[0];
    const std::string_view name = cursor.key.substr(kind ? 1 : 0);
    if (kind != kFormat) {
      const auto body = unseal(cursor.key, cursor.value, meta_head().size(), nullptr);
      if (!body)
        return unreadable(
            "the record of " + (kind == kPartition ? "a partition" : in_quotes(name)) + " in the store's catalogue",
            cursor.key, cursor.value, meta_head().size());
      if (kind == kLog) {
        PENSTOCK_TRY(load_log(name, *body, state));
        LmdbLog& log = state.logs.find(name)->second;
        by_id[log.id] = &log;
      } else if (kind == kPartition) {
        PENSTOCK_TRY(load_partition(cursor.key, *body, by_id));
      } else if (kind == kTable && body->size() == 4) {
        LmdbTable& table = state.tables[std::string(name)];
        table.id = load_le<uint32_t>(body->data());
        state.next_table = std::max(state.next_table, table.id + 1);
      } else {
        return damaged(in_quotes(cursor.key));
      }
    }
    PENSTOCK_ASSIGN(found, cursor.move(MDB_NEXT));
  }
  return ok();
}

Status load_state(const LmdbEnv& env, LmdbState& state) {
  PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(env));
  return load_state(read, env, state);
}

Status load_state(const LmdbRead& read, const LmdbEnv& env, LmdbState& state) {
  PENSTOCK_TRY(load_meta(read.get(), env, state));
  PENSTOCK_TRY(load_changelog(read.get(), env, state));
  state.transaction = read.id();
  return ok();
}

}  // namespace penstock
