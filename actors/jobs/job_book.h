// Decides which job runs when: what is due by the clock, at start, after other jobs or by command; one run at a time of each
// job; retries, timeouts, cancelling; what becomes of runs that the end of the process interrupted. It does no work itself:
// it says which steps are to begin and which are to end, and is told what came of them. Pure but for the state; one thread at
// a time.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/jobs/job.h"
#include "actors/jobs/job_run.h"
#include "storage/store.h"

namespace penstock {

/// The time twice: by the calendar, and monotonic for durations.
struct JobTime {
  Timestamp now;
  int64_t nanos = 0;
};

struct JobStatus {
  std::string name;
  std::string rhythm;  // `0 3 * * *`, `every 15m`; empty: not by the clock
  bool on_start = false;
  std::vector<std::string> after;
  std::vector<std::string> run;
  std::optional<Timestamp> next_due;
  std::optional<JobRun> running;
  std::optional<JobRun> last;  // that ended
  std::optional<Timestamp> succeeded;
  double late_seconds = 0;  // for how long a run has been due that has not begun
};

class JobBook {
 public:
  explicit JobBook(std::vector<JobSpec> jobs);

  // What was stored, before open(). Of jobs that are not declared any more nothing is taken up.
  void restore(JobRun run);
  void restore(const std::string& job, JobMemory memory);
  /// The node has come up: runs that were under way go on with their unfinished steps. A step with which the process died three
  /// times fails its run.
  void open(JobTime now);
  /// The node stops: what runs goes on when it comes up again. Nothing begins any more.
  void close();

  /// Lets begin what is due, and ends what takes too long. `history_is_read`: runs at start wait for it.
  void look(JobTime now, bool history_is_read);
  /// By command. Errors: not_found, already_exists (it runs).
  Result<JobRun> begin(const std::string& job, JobTime now);
  /// By the name of the job, or of the run. Gives the run, which ends as soon as its step looks. Errors: not_found,
  /// failed_precondition (it does not run).
  Result<JobRun> cancel(const std::string& job_or_run, JobTime now);

  /// A step that is to begin.
  struct Task {
    std::string job;
    uint64_t run = 0;
    std::string step;
    uint32_t tries = 1;  // with this one
    bool operator==(const Task&) const = default;
  };
  std::vector<Task> take_tasks();
  /// Whether the job's step under way is to end: the run was cancelled, timed out, or the node stops.
  bool must_end(const std::string& job) const;
  // What came of the job's step under way.
  void note_progress(const std::string& job, double progress, double eta_seconds, const std::string& note);
  void end_step(const std::string& job, const Status& status, const std::string& note, JobTime now);

  /// What began and ended since the last call, in order.
  struct Happening {
    JobRun run;
    bool began = false;
  };
  std::vector<Happening> take_happenings() { return std::exchange(happenings_, {}); }
  /// What the store has to hold, of what changed since the last call.
  WriteBatch take_changes();

  /// In the order of the topology.
  std::vector<JobStatus> jobs(Timestamp now) const;
  /// Errors of both: not_found, with the nearest name.
  Result<JobStatus> job(const std::string& name, Timestamp now) const;
  /// Newest first, with the one under way.
  Result<std::vector<JobRun>> runs(const std::string& job, Timestamp now) const;

 private:
  struct Job {
    JobSpec spec;
    JobMemory memory = {};
    std::deque<JobRun> runs = {};  // oldest first; the last one may be under way
    bool known = false;            // before this start
    bool start_due = false;
    bool working = false;  // its step is under way
    std::optional<RunState> ending = {};
    int64_t begun_nanos = 0;  // of the run, or when it went on
    int64_t try_nanos = 0;    // not before
    bool memory_changed = false;

    JobRun* active();
    const JobRun* active() const;
    const JobRun* last_succeeded() const;
    std::optional<Timestamp> next_due() const;
    size_t step() const;  // index of the first that has not succeeded
  };

  Job* find(const std::string& name);
  Result<const Job*> known_job(const std::string& name) const;
  bool dependencies_succeeded(const Job& job) const;
  void begin_run(Job& job, const std::string& cause, std::optional<Timestamp> due, JobTime now);
  void end_run(Job& job, RunState state, const std::string& reason, JobTime now);
  void go_on(Job& job, JobTime now);
  void resume(Job& job, JobTime now);
  void look_at_clock(Job& job, JobTime now);
  void changed(const JobRun& run);
  JobStatus status(const Job& job, Timestamp now) const;

  std::vector<Job> jobs_;
  std::vector<Task> tasks_;
  std::vector<Happening> happenings_;
  std::map<std::string, std::optional<std::string>> changed_runs_;  // by key; none: erased
  Timestamp opened_ = {};
  bool closed_ = false;
};

}  // namespace penstock
