// Batch runs: a view recomputed over the whole history of its logs by tasks that workers pull, while the view goes on. A run
// either lands (the result becomes the view's new version) or reconciles (it is compared with the view, and nothing
// changes). Thread safe; every call is quick. See docs/jobs.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/status.h"

namespace penstock {

enum class BatchPurpose : uint8_t { kLand, kReconcile };
inline const char* purpose_name(BatchPurpose purpose) { return purpose == BatchPurpose::kLand ? "land" : "reconcile"; }

/// A row on which history and view do not agree.
struct BatchDifference {
  std::string key;      // the key columns, as JSON
  std::string history;  // the row as JSON; empty: history has none
  std::string view;     // the row as JSON; empty: the view has none
};

struct BatchRunStatus {
  std::string run;  // its id: the view's name and a number
  std::string view;
  std::string owner;  // who asked for it; empty: somebody at the command line or over HTTP
  BatchPurpose purpose = BatchPurpose::kLand;
  std::string state =
      {};  // waiting, mapping, reducing, landing, done, failed, cancelled; interrupted: by the node's end
  std::string message = {};   // why it failed
  uint64_t tasks = 0;         // known so far
  uint64_t tasks_done = 0;    // of them
  uint64_t records = 0;       // of history, up to where the view stood at the start
  uint64_t records_done = 0;  // that were mapped
  uint64_t retries = 0;       // tasks that were given out again
  uint64_t eras = 0;          // that were begun: more than one if the view's region stopped meanwhile
  uint64_t keys = 0;          // rows that the result has without those that came meanwhile
  uint64_t rejected = 0;      // rows of history that a stage rejected, as it did when they came
  uint64_t version = 0;       // of the view, if the run landed
  uint64_t differences = 0;   // of a reconciliation
  std::vector<BatchDifference> first_differences = {};  // at most 20
  Timestamp started = {};
  double seconds = 0;
  bool ended() const { return state == "done" || state == "failed" || state == "cancelled"; }
};

struct BatchRequest {
  std::string view;
  BatchPurpose purpose = BatchPurpose::kLand;
  std::string owner = {};  // its unfinished runs are resumed by it; those without owner resume when the node starts
};

class BatchDesk {
 public:
  /// Called once, by any thread, when the run has ended; not if the node stops before.
  using Done = std::function<void(const BatchRunStatus&)>;

  virtual ~BatchDesk() = default;
  /// Begins a run; gives its id. Errors: not_found (the view), failed_precondition (it cannot be recomputed, and why),
  /// already_exists (a run of this view is under way).
  virtual Result<std::string> start(const BatchRequest& request, Done done) = 0;
  /// Goes on with a run that the node's end interrupted, after its last finished tasks. Errors: not_found; those of start.
  virtual Status resume(const std::string& run, Done done) = 0;
  /// Ends a run, and nothing has changed. A run that is landing already may land all the same. Errors: not_found.
  virtual Status cancel(const std::string& run) = 0;
  /// Runs under way, interrupted ones, and the newest ended ones, oldest first.
  virtual std::vector<BatchRunStatus> runs() const = 0;
  /// One of them. Errors: not_found.
  virtual Result<BatchRunStatus> run(const std::string& run) const = 0;
};

}  // namespace penstock
