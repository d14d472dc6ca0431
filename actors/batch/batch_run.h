// One batch run: what is to be done, what is done, who is at what. A plain state; its owner (batch_runs.h) guards it.
//
//   beginning → mapping → reducing → landing → ended
// An era begins at the end of an epoch of the view's region, W: then the shards up to W are known, less those of the era
// before it, if there was one. When the region stops, its era is lost with it, and the run begins another one.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/batch/batch_task.h"
#include "actors/regions/epoch_ledger.h"
#include "actors/servers/batch_desk.h"

namespace penstock {

class BatchRun {
 public:
  enum class Phase { kBeginning, kMapping, kReducing, kLanding, kEnded };
  struct Work {
    enum class Kind { kMap, kReduce } kind = Kind::kMap;
    uint32_t number = 0;
    uint32_t attempt = 0;
    bool operator==(const Work&) const = default;
  };

  BatchRun(BatchRecord record, ViewPlan plan, Store& store, const Clock& clock, const BatchLimits& limits);
  /// Takes up what an earlier life of it has finished. Errors: of the store; data_loss.
  Status load();

  /// The shards between what is known and these positions; adds them, and what records them to `write`. Errors:
  /// failed_precondition: history is not all there.
  Status add_shards(const std::vector<ReadPosition>& read, WriteBatch& write);

  /// What the worker should do now; nothing: there is nothing to do. Work of a worker that has not got on for long is given out
  /// again.
  std::optional<Work> take(uint32_t worker, int64_t now_nanos);
  /// Whether the work is still the worker's, who shows that it gets on.
  bool holds(uint32_t worker, const Work& work, int64_t now_nanos);
  /// It is done and recorded. Errors: of the store; data_loss.
  Status finished(uint32_t worker, const Work& work);
  /// The worker gives back what it has, if anything. Errors: why the run fails, if that happened too often.
  Status give_back(uint32_t worker, const std::string& reason);
  std::unique_ptr<BatchTask> make(const Work& work) const;
  /// Whether all work of the phase is done.
  bool phase_done() const;
  /// Forgets merged parts that do not cover all shards.
  void begin_reducing();

  uint64_t tasks_done() const;
  uint64_t keys() const;
  BatchRunStatus status(Timestamp now) const;

  BatchRecord record;
  std::shared_ptr<RunContext> context;
  Phase phase = Phase::kBeginning;
  uint32_t eras = 0;
  bool resumed = false;
  std::vector<EntryDifference> first_differences;
  uint64_t compared = 0;
  BatchDesk::Done done;

 private:
  struct Lease {
    Work work;
    int64_t since = 0;
  };
  bool is_done(const Work& work) const;
  bool is_leased(const Work& work, int64_t now_nanos) const;
  uint32_t count() const;  // of the phase's work

  std::vector<Shard> shards_;
  std::vector<std::optional<MapOutput>> maps_;      // by shard
  std::vector<std::optional<ReduceOutput>> parts_;  // by part
  std::map<uint32_t, Lease> leases_;                // by worker
  std::map<std::pair<int, uint32_t>, uint32_t> attempts_;
  uint64_t retries_ = 0;
};

}  // namespace penstock
