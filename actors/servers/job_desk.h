// What a node offers about its jobs: look at them and their runs, begin one, cancel one. Any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "actors/jobs/job_book.h"
#include "core/status.h"

namespace penstock {

class JobDesk {
 public:
  virtual ~JobDesk() = default;
  /// In the order of the topology.
  virtual std::vector<JobStatus> jobs() const = 0;
  /// Errors of all calls: not_found (no such job; names the nearest).
  virtual Result<JobStatus> job(const std::string& name) const = 0;
  /// Newest first, with the one under way.
  virtual Result<std::vector<JobRun>> runs(const std::string& job) const = 0;

  /// Begins a run. `done` is called once, by another thread, when the run is on record. Errors: already_exists (the job
  /// runs), failed_precondition (the node stops), of the store.
  using RunDone = std::function<void(Result<JobRun>)>;
  virtual void begin(const std::string& job, RunDone done) = 0;
  /// Ends the run under way, by the name of the job or of the run, as soon as its step looks. Errors: failed_precondition (it
  /// is not under way).
  virtual Result<JobRun> cancel(const std::string& job_or_run) = 0;
};

}  // namespace penstock
