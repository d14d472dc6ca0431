#include "storage/lmdb_snapshot.h"

#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "storage/bytes.h"
#include "storage/directory_lock.h"
#include "storage/limits.h"
#include "storage/lmdb_copy.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_format.h"
#include "storage/lmdb_log.h"
#include "storage/lmdb_scan.h"
#include "storage/lmdb_state.h"
#include "storage/lmdb_table.h"

namespace penstock {

struct LmdbSnapshot::Content {
  std::unique_ptr<LmdbEnv> env;
  LmdbRead read;  // for the whole life
  LmdbState state;
  mutable std::recursive_mutex mutex;  // a read transaction is of one thread at a time; a `visit` may read too
};

LmdbSnapshot::LmdbSnapshot(std::unique_ptr<Content> content) : content_(std::move(content)) {}
LmdbSnapshot::~LmdbSnapshot() = default;

Result<std::unique_ptr<LmdbSnapshot>> LmdbSnapshot::open(const std::string& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder + "/data.mdb", ignored))
    return not_found("there is no store in " + in_quotes(folder) + " (no file data.mdb)");
  if (DirectoryLock::holder(folder) == getpid())
    return already_exists("store " + in_quotes(folder) + " is open in this process");
  PENSTOCK_ASSIGN(auto env, LmdbEnv::open({.path = folder, .map_bytes = 1ull << 40, .read_only = true}));
  PENSTOCK_ASSIGN(LmdbRead read, LmdbRead::begin(*env));
  PENSTOCK_TRY(check_format(read.get(), *env, folder));
  std::unique_ptr<Content> content(new Content{std::move(env), std::move(read), {}, {}});
  PENSTOCK_TRY(load_state(content->read, *content->env, content->state));
  return std::unique_ptr<LmdbSnapshot>(new LmdbSnapshot(std::move(content)));
}

std::vector<std::string> LmdbSnapshot::tables() const {
  std::vector<std::string> names;
  for (const auto& [name, table] : content_->state.tables)
    names.push_back(name);
  return names;
}

std::vector<std::string> LmdbSnapshot::logs() const {
  std::vector<std::string> names;
  for (const auto& [name, log] : content_->state.logs)
    names.push_back(name);
  return names;
}

Result<uint32_t> LmdbSnapshot::partitions(const std::string& log) const {
  const auto found = content_->state.logs.find(log);
  if (found == content_->state.logs.end())
    return not_found("there is no log " + in_quotes(log));
  return found->second.options.partitions;
}

Result<LogRange> LmdbSnapshot::range(const std::string& log, Partition partition) const {
  PENSTOCK_ASSIGN(const uint32_t count, partitions(log));
  if (partition.value() >= count)
    return not_found("log " + in_quotes(log) + " has no partition " + std::to_string(partition.value()) + "; it has " +
                     std::to_string(count));
  const LmdbPartition& found = content_->state.logs.find(log)->second.partitions[partition.value()];
  return LogRange{found.first, found.next, found.bytes};
}

Result<std::vector<LogEntry>> LmdbSnapshot::read(const std::string& log, Partition partition, Offset from,
                                                 uint64_t max_bytes) const {
  PENSTOCK_TRY(range(log, partition).status());
  const uint32_t id = content_->state.logs.find(log)->second.id;
  std::lock_guard lock(content_->mutex);
  return read_log_entries(content_->read.get(), *content_->env, log, id, partition, from, max_bytes);
}

Result<std::optional<std::string>> LmdbSnapshot::get(const std::string& table, std::string_view key) const {
  const auto found = content_->state.tables.find(table);
  if (found == content_->state.tables.end())
    return std::optional<std::string>();
  if (const Change* change = found->second.overlay->find(key))
    return change->erased ? std::optional<std::string>() : std::optional<std::string>(change->value);
  std::lock_guard lock(content_->mutex);
  PENSTOCK_ASSIGN(const auto value,
                  get_table_entry(content_->read.get(), content_->env->tables, found->second.id, key, table));
  return value ? std::optional<std::string>(*value) : std::optional<std::string>();
}

Status LmdbSnapshot::scan(const std::string& table, std::string_view prefix, const Visit& visit) const {
  const auto found = content_->state.tables.find(table);
  if (found == content_->state.tables.end())
    return ok();
  std::lock_guard lock(content_->mutex);
  return scan_merged(content_->read, *content_->env, found->second, table, prefix, visit);
}

Result<std::optional<Offset>> LmdbSnapshot::position(const std::string& owner, const std::string& source,
                                                     Partition partition) const {
  std::lock_guard lock(content_->mutex);
  return read_position(content_->read, *content_->env, owner, source, partition);
}

StoreStats LmdbSnapshot::stats() const {
  StoreStats stats;
  stats.used_bytes = content_->env->file_bytes();
  stats.changelog_bytes = content_->state.changelog_bytes;
  stats.health = health();
  return stats;
}

Result<uint64_t> LmdbSnapshot::copy_to(const std::string& file, const CopyProgress& progress) const {
  return copy_env(*content_->env, file, progress);
}

Status LmdbSnapshot::health() const { return failed_precondition("the store was opened for reading only"); }
Status LmdbSnapshot::open_log(const std::string&, const LogOptions&) { return health(); }
Result<uint64_t> LmdbSnapshot::retain(Timestamp) { return health(); }

void LmdbSnapshot::commit(WriteBatch, CommitDone done) {
  if (done)
    done({health(), {}});
}

}  // namespace penstock
