// A Store in memory: the twin of the LMDB store for tests and simulation. Forgets everything when destroyed.
//
// Thread safe. Commits run on a writer thread of its own, or with `synchronous` inside `commit` on the caller's thread
// (a commit made by a `done` runs when that `done` has returned). `pause` holds commits back, as a slow disk would;
// then `step` runs them one by one on the caller's thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "storage/store.h"
#include "storage/subscriptions.h"

namespace penstock {

struct MemoryStoreOptions {
  bool synchronous = false;
};

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(MemoryStoreOptions options = {});
  /// Commits what is queued (unless paused), then stops.
  ~MemoryStore() override;

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
  Subscription subscribe(const std::string& log, std::function<void()> wake) override;
  Result<uint64_t> retain(Timestamp now) override;
  StoreStats stats() const override;
  Status health() const override;
  Result<uint64_t> copy_to(const std::string& file, const CopyProgress& progress) const override;

  // For simulation.
  /// Commits are queued until `resume`; then they run in order.
  void pause();
  void resume();
  /// Runs the oldest queued commit on this thread. False if there is none. Requires: paused.
  bool step();
  size_t queued() const;
  /// Forgets the queued commits without calling their `done`, as a crash of the process would. Returns how many.
  size_t drop_queued();
  /// The next commit fails with this status and changes nothing.
  void fail_next_commit(Status status);
  /// Every commit of something is refused with this, as by a full disk, until it is told ok.
  void refuse_commits(Status status);

 private:
  struct PartitionLog {
    std::deque<LogEntry> entries;
    Offset first, next;
    uint64_t bytes = 0;
  };
  struct Log {
    Retention retention;
    std::vector<PartitionLog> partitions;
  };
  using Table = std::map<std::string, std::string, std::less<>>;
  struct Queued {
    WriteBatch batch;
    CommitDone done;
  };

  void run_thread();
  void drain(std::unique_lock<std::mutex>& lock);
  void run_one(std::unique_lock<std::mutex>& lock);
  Committed apply(WriteBatch batch);
  Result<const PartitionLog*> find(const std::string& log, Partition partition) const;

  const MemoryStoreOptions options_;
  mutable std::mutex mutex_;  // of everything below but subscriptions_
  std::condition_variable changed_;
  std::map<std::string, Log> logs_;
  std::map<std::string, Table> tables_;
  std::map<std::tuple<std::string, std::string, uint32_t>, Offset> positions_;
  std::deque<Queued> queue_;
  bool paused_ = false, running_ = false, stopping_ = false;
  Status failure_;
  Status health_;
  uint64_t refused_ = 0;
  uint64_t commits_ = 0;
  Subscriptions subscriptions_;
  std::thread writer_;
};

}  // namespace penstock
