// The batch runs of a node: begins them, hands their work to workers that ask for it, has the view's region begin eras and land
// results (regions/region_turn.h), and cleans up behind them. Thread safe. Holds no thread of its own: workers
// (batch_worker_actor.h), the regions' readers and the store's writer call it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/batch/batch_run.h"
#include "actors/servers/batch_desk.h"
#include "actors/supervision/runtime.h"

namespace penstock {

/// What the machine has room for.
BatchLimits default_batch_limits(const RuntimeOptions& options);

class BatchRuns final : public BatchDesk {
 public:
  /// The runtime outlives it.
  BatchRuns(Runtime& runtime, BatchLimits limits) : runtime_(runtime), limits_(limits) {}

  /// Finds the runs of earlier lives and resumes those without an owner. Called once, before anything else. Errors: of the
  /// store; data_loss.
  Status open();
  const BatchLimits& limits() const { return limits_; }
  /// Nothing is begun any more, and nobody is told anything, once it returns. What is unfinished is found by the next life.
  void close();

  Result<std::string> start(const BatchRequest& request, Done done) override;
  Status resume(const std::string& run, Done done) override;
  Status cancel(const std::string& run) override;
  std::vector<BatchRunStatus> runs() const override;
  Result<BatchRunStatus> run(const std::string& run) const override;

  // For the workers, numbered from 0.
  /// Work of a run, or cleaning up if there is no run.
  struct Ticket {
    std::string run;  // empty: cleaning up
    BatchRun::Work work;
    std::shared_ptr<const RunContext> context;  // of the task
    std::shared_ptr<BatchTask> task;
  };
  /// `wake` is called whenever there may be work; replaces that of an earlier life, whose work is given back.
  void attend(uint32_t worker, std::function<void()> wake);
  /// Nothing: there is no work now.
  std::optional<Ticket> take(uint32_t worker);
  /// Whether the work is still wanted. To be asked before each step.
  bool holds(uint32_t worker, const Ticket& ticket);
  void finished(uint32_t worker, const Ticket& ticket);
  void failed(uint32_t worker, const Ticket& ticket, const Status& status);

 private:
  using RunPtr = std::shared_ptr<BatchRun>;
  using Actions = std::vector<std::function<void()>>;  // what must not be done under the lock
  struct Landing;

  // Requires of each: the lock is held.
  RunPtr find(const std::string& run) const;
  RunPtr under_way(const std::string& view) const;
  void commit(WriteBatch write, const RunPtr& run, std::function<void(Actions&)> then, Actions& actions);
  void begin_era(const RunPtr& run, Actions& actions);
  void era_begun(const RunPtr& run, const Status& status, const std::vector<ReadPosition>& read, Actions& actions);
  void advance(const RunPtr& run, Actions& actions);
  void land(const RunPtr& run, Actions& actions);
  void post(const RunPtr& run, const std::shared_ptr<Landing>& landing, Actions& actions);
  void landed(const RunPtr& run, const std::shared_ptr<Landing>& landed, const Status& status, Actions& actions);
  void end(const RunPtr& run, BatchState state, const std::string& message, Actions& actions);
  void forget_old(const std::string& view, WriteBatch& write);
  void wake_all(Actions& actions) const;
  static void run_all(Actions actions);

  Runtime& runtime_;
  const BatchLimits limits_;
  static constexpr size_t kKeptRecords = 20;  // of each view

  mutable std::mutex mutex_;
  std::map<std::string, RunPtr> runs_;           // under way, by id
  std::vector<BatchRecord> records_;             // of all others, oldest first
  std::map<std::string, BatchRunStatus> ended_;  // of those that ended in this life
  std::map<uint32_t, std::function<void()>> wakes_;
  std::vector<std::string> garbage_;  // tables to be erased
  std::optional<uint32_t> cleaner_;   // the worker that is at it
  bool closed_ = false;
};

}  // namespace penstock
