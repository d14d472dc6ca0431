// Stores that break a promise, each as a mistake in the code would: the simulation has to find every one of them.
#pragma once

#include <memory>

#include "storage/store.h"
#include "tests/simulation/simulation.h"

namespace penstock::simulation {

/// Hands everything on to another store, which outlives it.
class StoreDoor : public Store {
 public:
  explicit StoreDoor(Store& store) : store_(store) {}

  Status open_log(const std::string& log, const LogOptions& options) override { return store_.open_log(log, options); }
  std::vector<std::string> logs() const override { return store_.logs(); }
  Result<uint32_t> partitions(const std::string& log) const override { return store_.partitions(log); }
  void commit(WriteBatch batch, CommitDone done) override { store_.commit(std::move(batch), std::move(done)); }
  Result<std::vector<LogEntry>> read(const std::string& log, Partition partition, Offset from,
                                     uint64_t max_bytes) const override {
    return store_.read(log, partition, from, max_bytes);
  }
  Result<LogRange> range(const std::string& log, Partition partition) const override {
    return store_.range(log, partition);
  }
  Result<std::optional<std::string>> get(const std::string& table, std::string_view key) const override {
    return store_.get(table, key);
  }
  Status scan(const std::string& table, std::string_view prefix, const Visit& visit) const override {
    return store_.scan(table, prefix, visit);
  }
  Result<std::optional<Offset>> position(const std::string& owner, const std::string& source,
                                         Partition partition) const override {
    return store_.position(owner, source, partition);
  }
  Subscription subscribe(const std::string& log, std::function<void()> wake) override {
    return store_.subscribe(log, std::move(wake));
  }
  Result<uint64_t> retain(Timestamp now) override { return store_.retain(now); }
  StoreStats stats() const override { return store_.stats(); }
  Status health() const override { return store_.health(); }
  Result<uint64_t> copy_to(const std::string& file, const CopyProgress& progress) const override {
    return store_.copy_to(file, progress);
  }

 protected:
  Store& store_;
};

/// Commits positions before what was done up to them.
Door position_first();
/// Commits what was done before the positions.
Door position_last();
/// Answers a commit before it has happened.
Door answer_first();
/// Answers empty commits at once, so that a part is restarted before what its last life asked for has happened.
Door no_fence();
/// Leaves out half of the entries when a table is read back.
Door forgetful();
/// Answers a refused commit as if it had happened.
Door refusal_swallowed();

}  // namespace penstock::simulation
