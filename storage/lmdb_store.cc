#include "storage/lmdb_store.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "core/fault_points.h"
#include "storage/bytes.h"
#include "storage/directory_lock.h"
#include "storage/limits.h"
#include "storage/lmdb_copy.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_format.h"
#include "storage/lmdb_log.h"
#include "storage/lmdb_retain.h"
#include "storage/lmdb_scan.h"
#include "storage/lmdb_state.h"
#include "storage/lmdb_table.h"
#include "storage/lmdb_writer.h"
#include "storage/prepared_batch.h"
#include "storage/subscriptions.h"

namespace penstock {
namespace {

constexpr uint64_t kLeastMap = 1ull << 20;

class Lmdb final : public Store {
 public:
  Lmdb(DirectoryLock lock, std::unique_ptr<LmdbEnv> env) : lock_(std::move(lock)), env_(std::move(env)) {}

  Status start(LmdbOptions options) {
    folder_ = options.path;
    PENSTOCK_TRY(load_state(*env_, state_));
    budget_ = std::min(options.map_bytes, env_->map_bytes() - space_reserve(options.map_bytes));
    options.changelog_bytes = std::min(options.changelog_bytes, budget_ / 16);  // a checkpoint needs as much again
    writer_ = std::make_unique<LmdbWriter>(*env_, state_, subscriptions_, options, budget_);
    return ok();
  }

  Status open_log(const std::string& log, const LogOptions& options) override;
  std::vector<std::string> logs() const override;
  Result<uint32_t> partitions(const std::string& log) const override;
  void commit(WriteBatch batch, CommitDone done) override;
  Result<std::vector<LogEntry>> read(const std::string& log, Partition partition, Offset from,
                                     uint64_t max_bytes) const override;
  Result<LogRange> range(const std::string& log, Partition partition) const override;
  Result<std::optional<std::string>> get(const std::string& table, std::string_view key) const override;
  Status scan(const std::string& table, std::string_view prefix, const Visit& visit) const override;
  Result<std::optional<Offset>> position(const std::string& owner, const std::string& source,
                                         Partition partition) const override;
  Subscription subscribe(const std::string& log, std::function<void()> wake) override {
    return subscriptions_.add(log, std::move(wake));
  }
  Result<uint64_t> retain(Timestamp now) override { return retain_logs(*env_, state_, *writer_, now); }
  StoreStats stats() const override;
  Status health() const override { return writer_->health().status(); }
  Result<uint64_t> copy_to(const std::string& file, const CopyProgress& progress) const override {
    return copy_env(*env_, file, progress);
  }

 private:
  struct LogView {
    uint32_t id;
    LmdbPartition partition;
  };
  Result<LogView> find_log(const std::string& log, Partition partition) const;
  std::optional<LmdbTable> find_table(const std::string& table) const;
  Status open_log_here(const std::string& log, const LogOptions& options);

  /// The result of a read; counts those that met damaged bytes.
  Status noted(Status status) const {
    if (status.code() == Code::kDataLoss)
      ++damaged_;
    return status;
  }
  template <class T>
  Result<T> noted(Result<T> result) const {
    if (!result.ok())
      (void)noted(result.status());
    return result;
  }

  std::string folder_;
  mutable std::atomic<uint64_t> damaged_ = 0;  // reads
  // Destroyed from the last to the first: the writer stops before what it works on goes, the folder is freed last.
  DirectoryLock lock_;
  std::unique_ptr<LmdbEnv> env_;
  LmdbState state_;
  Subscriptions subscriptions_;
  uint64_t budget_ = 0;
  std::unique_ptr<LmdbWriter> writer_;
};

Status Lmdb::open_log(const std::string& log, const LogOptions& options) {
  PENSTOCK_TRY(validate_log(log, options));
  return writer_->run([&] { return open_log_here(log, options); });
}

Status Lmdb::open_log_here(const std::string& name, const LogOptions& options) {
  LmdbLog log;
  log.id = 1;
  for (const auto& [other_name, other] : state_.logs)
    log.id = std::max(log.id, other.id + 1);
  const auto found = state_.logs.find(name);
  if (found != state_.logs.end()) {
    log = found->second;
    if (log.options.partitions != options.partitions)
      return failed_precondition("log " + in_quotes(name) + " has " + std::to_string(log.options.partitions) +
                                 " partitions, not " + std::to_string(options.partitions));
    const Retention& kept = log.options.retention;
    if (kept.age == options.retention.age && kept.size == options.retention.size)
      return ok();
  }
  log.options = options;
  log.partitions.resize(options.partitions);
  PENSTOCK_ASSIGN(LmdbWrite write, LmdbWrite::begin(*env_));
  PENSTOCK_TRY(put_log_record(write.get(), *env_, name, log));
  PENSTOCK_TRY(write.commit());
  std::lock_guard lock(state_.mutex);
  state_.transaction = env_->last_transaction();
  state_.logs[name] = std::move(log);
  return ok();
}

std::vector<std::string> Lmdb::logs() const {
  std::lock_guard lock(state_.mutex);
  std::vector<std::string> names;
  for (const auto& [name, log] : state_.logs)
    names.push_back(name);
  return names;
}

Result<uint32_t> Lmdb::partitions(const std::string& log) const {
  std::lock_guard lock(state_.mutex);
  const auto found = state_.logs.find(log);
  if (found == state_.logs.end())
    return not_found("there is no log " + in_quotes(log));
  return found->second.options.partitions;
}

void Lmdb::commit(WriteBatch batch, CommitDone done) {
  Status valid = validate(batch, [this](const std::string& log) -> std::optional<uint32_t> {
    const auto found = partitions(log);
    return found.ok() ? std::optional(*found) : std::nullopt;
  });
  writer_->commit(prepare(std::move(batch), std::move(valid)), std::move(done));
}

Result<Lmdb::LogView> Lmdb::find_log(const std::string& log, Partition partition) const {
  std::lock_guard lock(state_.mutex);
  const auto found = state_.logs.find(log);
  if (found == state_.logs.end())
    return not_found("there is no log " + in_quotes(log));
  const auto& partitions = found->second.partitions;
  if (partition.value() < partitions.size())
    return LogView{found->second.id, partitions[partition.value()]};
  return not_found("log " + in_quotes(log) + " has no partition " + std::to_string(partition.value()) + "; it has " +
                   std::to_string(partitions.size()));
}

Result<std::vector<LogEntry>> Lmdb::read(const std::string& log, Partition partition, Offset from,
                                         uint64_t max_bytes) const {
  PENSTOCK_ASSIGN(const LogView found, find_log(log, partition));
  PENSTOCK_TRY(hit(FaultPoint::kStoreRead));
  PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(*env_));
  return noted(read_log_entries(read.get(), *env_, log, found.id, partition, from, max_bytes));
}

Result<LogRange> Lmdb::range(const std::string& log, Partition partition) const {
  PENSTOCK_ASSIGN(const LogView found, find_log(log, partition));
  return LogRange{found.partition.first, found.partition.next, found.partition.bytes};
}

std::optional<LmdbTable> Lmdb::find_table(const std::string& table) const {
  std::lock_guard lock(state_.mutex);
  const auto found = state_.tables.find(table);
  return found == state_.tables.end() ? std::nullopt : std::optional(found->second);
}

// The changelog first: an entry that a checkpoint drops from it after this look is in the table by then.
Result<std::optional<std::string>> Lmdb::get(const std::string& table, std::string_view key) const {
  const auto found = find_table(table);
  if (!found)
    return std::optional<std::string>();
  if (const Change* change = found->overlay->find(key))
    return change->erased ? std::optional<std::string>() : std::optional<std::string>(change->value);
  PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(*env_));
  PENSTOCK_ASSIGN(const auto value, noted(get_table_entry(read.get(), env_->tables, found->id, key, table)));
  return value ? std::optional<std::string>(*value) : std::optional<std::string>();
}

Status Lmdb::scan(const std::string& table, std::string_view prefix, const Visit& visit) const {
  std::optional<LmdbTable> found;
  std::optional<LmdbRead> read;
  while (true) {
    uint64_t transaction;
    {
      std::lock_guard lock(state_.mutex);
      const auto entry = state_.tables.find(table);
      if (entry == state_.tables.end())
        return ok();
      found = entry->second;
      transaction = state_.transaction;
    }
    PENSTOCK_ASSIGN(LmdbRead begun, LmdbRead::begin(*env_));
    if (begun.id() == transaction) {
      read.emplace(std::move(begun));
      break;
    }
    std::this_thread::yield();  // a commit came between, or is about to be published
  }
  return noted(scan_merged(*read, *env_, *found, table, prefix, visit));
}

Result<std::optional<Offset>> Lmdb::position(const std::string& owner, const std::string& source,
                                             Partition partition) const {
  PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(*env_));
  return noted(read_position(read, *env_, owner, source, partition));
}

StoreStats Lmdb::stats() const {
  StoreStats stats;
  const auto used = env_->used_bytes();
  stats.used_bytes = used.ok() ? *used : env_->file_bytes();
  stats.map_bytes = budget_;
  stats.readers = env_->readers();
  stats.refused = writer_->health().refused();
  stats.health = writer_->health().status();
  stats.damaged = damaged_;
  std::error_code error;
  if (const auto space = std::filesystem::space(folder_, error); !error) {
    stats.disk_free_bytes = space.available;
    stats.disk_bytes = space.capacity;
  }
  std::lock_guard lock(state_.mutex);
  stats.commits = state_.commits;
  stats.changelog_bytes = state_.changelog_bytes;
  stats.last_commit_seconds = state_.last_commit_seconds;
  return stats;
}

Status make_folder(const std::string& path) {
  if (path.empty())
    return invalid_argument("the store's path is empty");
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_directory(path, error))
    return failed_precondition("cannot open store " + in_quotes(path) + ": it is a file, not a folder");
  std::filesystem::create_directories(path, error);
  return error ? io_error("cannot create the store's folder " + in_quotes(path), error.value()) : ok();
}

}  // namespace

Result<std::unique_ptr<Store>> LmdbStore::open(const LmdbOptions& options) {
  if (options.map_bytes < kLeastMap)
    return invalid_argument("a store needs a disk budget of at least 1MiB, not " + to_string(Bytes{options.map_bytes}));
  PENSTOCK_TRY(make_folder(options.path));
  PENSTOCK_ASSIGN(DirectoryLock lock, DirectoryLock::acquire(options.path));
  // A file that is larger than the budget (which may have been lowered) needs its reserve too.
  std::error_code none;
  const uint64_t file = std::filesystem::file_size(options.path + "/data.mdb", none);
  LmdbEnvOptions env_options{
      .path = options.path,
      .map_bytes = std::max(options.map_bytes, none ? 0 : file) + space_reserve(options.map_bytes),
      .sync_meta = options.durability == Durability::kFull,
      .read_only = false};
  PENSTOCK_ASSIGN(auto env, LmdbEnv::open(env_options));
  env->check_readers();
  PENSTOCK_TRY(ensure_format(*env, options.path));
  auto store = std::make_unique<Lmdb>(std::move(lock), std::move(env));
  PENSTOCK_TRY(store->start(options).with_context("cannot open store " + in_quotes(options.path)));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace penstock
