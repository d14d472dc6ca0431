// The one thread that writes: takes the batches that wait, commits them as one transaction, tells their owners; between
// them runs checkpoints, looks after dead readers, and runs jobs of the store (opening a log, retention). When commits are
// refused because of the budget or the disk it looks every second whether that has passed.
//
// commit and run may be called from any thread. Destroying it commits everything queued, then stops.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/lmdb_checkpoint.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_space.h"
#include "storage/lmdb_state.h"
#include "storage/lmdb_store.h"
#include "storage/prepared_batch.h"
#include "storage/store_health.h"
#include "storage/subscriptions.h"

namespace penstock {

class LmdbWriter {
 public:
  /// `budget` is how many bytes batches may fill; the rest of the map is kept for making room again.
  LmdbWriter(LmdbEnv& env, LmdbState& state, Subscriptions& subscriptions, const LmdbOptions& options, uint64_t budget);
  ~LmdbWriter();

  void commit(PreparedBatch batch, CommitDone done);
  /// Runs the job on the writer's thread, after what was queued before, and waits for it. On that thread: at once.
  Status run(const std::function<Status()>& job);
  const StoreHealth& health() const { return health_; }

 private:
  struct Item {
    PreparedBatch batch;
    CommitDone done;
    std::function<void()> job;  // instead of a batch
  };

  void run_thread();
  std::vector<Item> take();
  void commit_group(std::vector<Item>& group);
  Status commit_together(const std::vector<Item>& group, const std::vector<size_t>& which,
                         std::vector<Committed>& results);
  void refused(const Status& why, uint64_t bytes, SpaceUse use);
  void look_again();
  void maintain();
  void checkpoint_slice();

  LmdbEnv& env_;
  LmdbState& state_;
  Subscriptions& subscriptions_;
  const LmdbOptions options_;
  const uint64_t budget_;
  StoreHealth health_;

  std::mutex mutex_;  // of the queue
  std::condition_variable arrived_;
  std::deque<Item> queue_;
  bool stopping_ = false;

  // Of the writer's thread.
  LmdbSpace space_;
  LmdbCheckpoint checkpoint_;
  size_t slice_;
  std::chrono::steady_clock::time_point next_reader_check_, next_checkpoint_, checkpoint_pause_, next_look_;
  std::thread thread_;
};

}  // namespace penstock
