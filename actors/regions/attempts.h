// A consumer of logs (a region, a sink) and its attempts at their records: writes down in the store what is being tried, so
// that input which makes the consumer or the whole process fail again and again is recognised, searched (isolation.h), and
// its one bad record set aside as a dead letter. Used by the consumer's one actor.
//
// Protocol: restore() at the start. Before records are handed on for the first time, and before every slice of a search,
// commit begin() and wait for it. Add succeeded() to the commit of what was handed on.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/regions/isolation.h"
#include "actors/regions/log_reader.h"
#include "actors/supervision/runtime.h"
#include "monitoring/event.h"

namespace penstock {

/// Why a consumer had to be started again.
struct LastFailure {
  std::string reason;     // empty: it has not failed
  std::string component;  // that failed while it was handling records; empty: something else failed
};

class Attempts {
 public:
  /// `owner`: whose positions the logs have. `max_slice`: records that it can try at once.
  Attempts(Runtime* runtime, std::string owner, monitoring::Origin origin, uint64_t max_slice = UINT64_MAX);
  ~Attempts() { end_turn(); }
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  /// Errors: of the store.
  Status restore(const LastFailure& last_failure);
  /// What failed has nothing to do with the records of the present attempt, which is taken back with `write`.
  void excuse(WriteBatch& write);
  /// The records of the present attempt were refused for certain (by a receiver), for this reason.
  void refuse(const std::string& reason, const std::string& component);

  bool searching() const { return isolation_.searching(); }
  /// Whether the search may still end by setting a record aside.
  bool expects_failure() const { return searching() && !isolation_.given_up(); }
  /// Outside a search: whether begin() is still to be committed before anything is handed on.
  bool must_begin() const { return !begun_; }
  /// Whether begin() may be called now, or others that are under suspicion go first; then `wake` is called when it is worth
  /// asking again. See trial_turns.h.
  bool may_begin(const std::function<void()>& wake);
  WriteBatch begin();
  /// Outside a search: what was handed on is in this commit.
  void succeeded(WriteBatch& write);
  /// The consumer stops of its own will and nothing is under way: whether there is an attempt to take back, with `write`.
  bool withdrawn(WriteBatch& write);

  // A search, one slice at a time.
  /// The log whose slice() is next, or null: nothing is suspected any more, and the search is over. Errors: of the store.
  Result<LogReader*> choose(std::vector<LogReader>& logs);
  Partition partition() const { return isolation_.slice()->partition; }
  uint64_t records() const { return isolation_.slice()->records; }
  /// Whether the slice is one record that is to be set aside.
  bool must_set_aside() const { return isolation_.next() == Isolation::Next::kSetAside; }
  /// The slice was read; notes what there is behind it. Errors: of the store.
  Status look_behind(const LogReader& log);
  /// The slice was handed on, its effects are in this commit.
  void slice_passed(const LogReader& log, WriteBatch& write);
  /// Reads the one record of the slice and adds to `write` that it goes to the dead letters. Errors: of the store.
  Status set_aside(LogReader& log, WriteBatch& write);

 private:
  void put(WriteBatch& write);
  void end_turn() { runtime_.trial_turns.give_back(owner_); }

  Runtime& runtime_;
  std::string owner_;
  monitoring::Origin origin_;
  IsolationLimits limits_;
  Isolation isolation_;
  LastFailure last_failure_;
  bool on_record_ = false;  // the store holds an attempt of this owner
  bool begun_ = false;
  bool suspect_ = false;                                 // an attempt was on record when this life began
  uint64_t behind_ = 0;                                  // records behind the slice
  std::set<std::pair<std::string, Partition>> cleared_;  // partitions without suspects, in this life
};

}  // namespace penstock
