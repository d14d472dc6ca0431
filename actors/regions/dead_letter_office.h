// The dead letters of a running node: reads the log, appends what is replayed to the right log together with the mark that it
// was, and never replays a letter twice at the same time. Thread safe; `plan`, `store`, `cache` and `clock` outlive it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "actors/regions/batch_cache.h"
#include "actors/regions/dead_letter_log.h"
#include "actors/regions/replay_target.h"
#include "actors/servers/dead_letter_desk.h"
#include "actors/sources/log_appender.h"
#include "core/clock.h"
#include "monitoring/event.h"
#include "storage/store.h"
#include "topology/plan.h"

namespace penstock {

class DeadLetterOffice final : public DeadLetterDesk {
 public:
  DeadLetterOffice(const topology::Plan& plan, Store& store, BatchCache& cache, const Clock& clock);

  Result<LetterPage> list(const LetterFilter& filter, std::optional<Offset> from, size_t limit) const override;
  Result<LetterSummary> summary(const LetterFilter& filter) const override;
  Result<LetterDetail> show(Offset number) const override;
  void replay(ReplayRequest request, ReplayDone done) override;
  void purge(const LetterFilter& filter, PurgeDone done) override;
  /// Tells monitoring how many wait.
  void tell(monitoring::Monitor& monitor) const;

 private:
  struct Replay;
  using ReplayPtr = std::shared_ptr<Replay>;

  Result<std::vector<Offset>> chosen(const ReplayRequest& request, uint64_t& left) const;
  Result<BatchPtr> record_of(const DeadLetter& letter, const ReplayTarget& target, const std::string* repaired) const;
  Result<BatchPtr> row_at(const ReplayTarget& target, Partition partition, Offset offset) const;
  Status add(Replay& replay, Offset number, const std::string* repaired, bool again);
  bool claim(Offset number);
  void finish(const ReplayPtr& replay, const Committed& committed);

  const topology::Plan& plan_;
  Store& store_;
  BatchCache& cache_;
  const Clock& clock_;
  const DeadLetterLog log_;
  const EntryReader entries_;
  std::map<std::string, LogAppender> appenders_;  // by log
  std::atomic<uint64_t> changes_ = 0;             // of marks
  std::mutex mutex_;
  std::set<Offset> under_way_;  // guarded by mutex_
};

}  // namespace penstock
