#include "storage/memory_store.h"

#include <algorithm>

#include "storage/bytes.h"
#include "storage/limits.h"

namespace penstock {

MemoryStore::MemoryStore(MemoryStoreOptions options) : options_(options) {
  if (!options_.synchronous)
    writer_ = std::thread([this] { run_thread(); });
}

MemoryStore::~MemoryStore() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (writer_.joinable())
    writer_.join();
}

Status MemoryStore::open_log(const std::string& log, const LogOptions& options) {
  PENSTOCK_TRY(validate_log(log, options));
  std::lock_guard lock(mutex_);
  Log& opened = logs_[log];
  if (opened.partitions.empty())
    opened.partitions.resize(options.partitions);
  if (opened.partitions.size() != options.partitions)
    return failed_precondition("log " + in_quotes(log) + " has " + std::to_string(opened.partitions.size()) +
                               " partitions, not " + std::to_string(options.partitions));
  opened.retention = options.retention;
  return ok();
}

std::vector<std::string> MemoryStore::logs() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, log] : logs_)
    names.push_back(name);
  return names;
}

Result<uint32_t> MemoryStore::partitions(const std::string& log) const {
  std::lock_guard lock(mutex_);
  const auto found = logs_.find(log);
  if (found == logs_.end())
    return not_found("there is no log " + in_quotes(log));
  return static_cast<uint32_t>(found->second.partitions.size());
}

void MemoryStore::commit(WriteBatch batch, CommitDone done) {
  std::unique_lock lock(mutex_);
  queue_.push_back({std::move(batch), std::move(done)});
  if (options_.synchronous)
    drain(lock);
  else
    changed_.notify_all();
}

void MemoryStore::run_thread() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || (!paused_ && !queue_.empty()); });
    drain(lock);
    if (stopping_)
      return;
  }
}

// One thread at a time runs commits; what others queue meanwhile, or a `done` does, that thread runs too.
void MemoryStore::drain(std::unique_lock<std::mutex>& lock) {
  if (running_)
    return;
  running_ = true;
  while (!paused_ && !queue_.empty())
    run_one(lock);
  running_ = false;
}

void MemoryStore::run_one(std::unique_lock<std::mutex>& lock) {
  Queued queued = std::move(queue_.front());
  queue_.pop_front();
  std::set<std::string> grown;
  for (const auto& append : queued.batch.appends)
    grown.insert(append.log);
  const Committed committed = apply(std::move(queued.batch));
  lock.unlock();
  if (queued.done)
    queued.done(committed);
  if (committed.status.ok())
    subscriptions_.wake(grown);
  lock.lock();
}

Committed MemoryStore::apply(WriteBatch batch) {
  if (!failure_.ok())
    return {std::exchange(failure_, ok()), {}};
  if (!health_.ok() &&
      !(batch.appends.empty() && batch.puts.empty() && batch.deltas.empty() && batch.positions.empty())) {
    ++refused_;
    return {health_, {}};
  }
  Committed committed;
  committed.status = validate(batch, [this](const std::string& log) -> std::optional<uint32_t> {
    const auto found = logs_.find(log);
    if (found == logs_.end())
      return std::nullopt;
    return static_cast<uint32_t>(found->second.partitions.size());
  });
  if (!committed.status.ok())
    return committed;

  for (auto& append : batch.appends) {
    PartitionLog& log = logs_[append.log].partitions[append.partition.value()];
    committed.appended.push_back(log.next);
    log.bytes += append.bytes.size();
    log.entries.push_back({log.next, append.records, append.now, std::move(append.bytes)});
    log.next = log.next.next(append.records);
  }
  if (batch.placed)
    batch.placed(committed.appended);
  const auto change = [](Table& table, std::string&& key, std::optional<std::string>&& value) {
    if (value)
      table.insert_or_assign(std::move(key), std::move(*value));
    else
      table.erase(key);
  };
  for (auto& put : batch.puts) {
    if (put.with_offsets)
      append_offsets(*put.value, committed.appended);
    change(tables_[put.table], std::move(put.key), std::move(put.value));
  }
  for (auto& append : batch.deltas)
    for (auto& [key, value] : append.delta)
      change(tables_[append.table], std::move(key), std::move(value));
  for (const auto& p : batch.positions)
    positions_[{p.owner, p.source, p.partition.value()}] = p.offset;
  ++commits_;
  return committed;
}

Result<const MemoryStore::PartitionLog*> MemoryStore::find(const std::string& log, Partition partition) const {
  const auto found = logs_.find(log);
  if (found == logs_.end())
    return not_found("there is no log " + in_quotes(log));
  if (partition.value() >= found->second.partitions.size())
    return not_found("log " + in_quotes(log) + " has no partition " + std::to_string(partition.value()) + "; it has " +
                     std::to_string(found->second.partitions.size()));
  return &found->second.partitions[partition.value()];
}

Result<std::vector<LogEntry>> MemoryStore::read(const std::string& log, Partition partition, Offset from,
                                                uint64_t max_bytes) const {
  std::lock_guard lock(mutex_);
  PENSTOCK_ASSIGN(const PartitionLog* found, find(log, partition));
  const auto& entries = found->entries;
  auto at = std::partition_point(entries.begin(), entries.end(),
                                 [&](const LogEntry& entry) { return entry.first.next(entry.records) <= from; });
  std::vector<LogEntry> out;
  for (uint64_t bytes = 0; at != entries.end() && (out.empty() || bytes + at->bytes.size() <= max_bytes); ++at) {
    bytes += at->bytes.size();
    out.push_back(*at);
  }
  return out;
}

Result<LogRange> MemoryStore::range(const std::string& log, Partition partition) const {
  std::lock_guard lock(mutex_);
  PENSTOCK_ASSIGN(const PartitionLog* found, find(log, partition));
  return LogRange{found->first, found->next, found->bytes};
}

Result<std::optional<std::string>> MemoryStore::get(const std::string& table, std::string_view key) const {
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(table);
  if (found == tables_.end())
    return std::optional<std::string>();
  const auto entry = found->second.find(key);
  if (entry == found->second.end())
    return std::optional<std::string>();
  return std::optional<std::string>(entry->second);
}

Status MemoryStore::scan(const std::string& table, std::string_view prefix, const Visit& visit) const {
  std::vector<std::pair<std::string, std::string>> matches;  // copied, so that `visit` may use the store
  {
    std::lock_guard lock(mutex_);
    const auto found = tables_.find(table);
    if (found == tables_.end())
      return ok();
    for (auto at = found->second.lower_bound(prefix); at != found->second.end() && at->first.starts_with(prefix); ++at)
      matches.push_back(*at);
  }
  for (const auto& [key, value] : matches)
    if (!visit(key, value))
      break;
  return ok();
}

Result<std::optional<Offset>> MemoryStore::position(const std::string& owner, const std::string& source,
                                                    Partition partition) const {
  std::lock_guard lock(mutex_);
  const auto found = positions_.find({owner, source, partition.value()});
  return found == positions_.end() ? std::optional<Offset>() : found->second;
}

Store::Subscription MemoryStore::subscribe(const std::string& log, std::function<void()> wake) {
  return subscriptions_.add(log, std::move(wake));
}

Result<uint64_t> MemoryStore::retain(Timestamp now) {
  std::lock_guard lock(mutex_);
  uint64_t dropped = 0;
  for (auto& [name, log] : logs_) {
    for (auto& partition : log.partitions) {
      auto& entries = partition.entries;
      while (!entries.empty() &&
             drops_oldest(log.retention, now, entries.front().appended, partition.bytes, entries.size())) {
        partition.bytes -= entries.front().bytes.size();
        partition.first = entries.front().first.next(entries.front().records);
        entries.pop_front();
        ++dropped;
      }
    }
  }
  return dropped;
}

StoreStats MemoryStore::stats() const {
  std::lock_guard lock(mutex_);
  StoreStats stats;
  stats.commits = commits_;
  stats.refused = refused_;
  stats.health = health_;
  for (const auto& [name, log] : logs_)
    for (const auto& partition : log.partitions)
      stats.used_bytes += partition.bytes;
  for (const auto& [name, table] : tables_)
    for (const auto& [key, value] : table)
      stats.used_bytes += key.size() + value.size();
  return stats;
}

Status MemoryStore::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

Result<uint64_t> MemoryStore::copy_to(const std::string&, const CopyProgress&) const {
  return failed_precondition("a store in memory has no file to copy");
}

void MemoryStore::pause() {
  std::lock_guard lock(mutex_);
  paused_ = true;
}

void MemoryStore::resume() {
  std::unique_lock lock(mutex_);
  paused_ = false;
  if (options_.synchronous)
    drain(lock);
  else
    changed_.notify_all();
}

bool MemoryStore::step() {
  std::unique_lock lock(mutex_);
  if (queue_.empty())
    return false;
  run_one(lock);
  return true;
}

size_t MemoryStore::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

size_t MemoryStore::drop_queued() {
  std::lock_guard lock(mutex_);
  const size_t dropped = queue_.size();
  queue_.clear();
  return dropped;
}

void MemoryStore::fail_next_commit(Status status) {
  std::lock_guard lock(mutex_);
  failure_ = std::move(status);
}

void MemoryStore::refuse_commits(Status status) {
  std::lock_guard lock(mutex_);
  health_ = std::move(status);
}

}  // namespace penstock
