// The node's JobDesk: keeps the book of jobs, puts what changes into the store, and does the steps of runs. The work is done on
// the thread of the actor that looks after it (supervision/office_actor.h); the desk's calls come from any thread.
//
// Nothing begins that is not on record: a run, and each of its steps, is committed before it is worked on. So a run that the
// end of the process interrupts is found at the next start, and goes on with its first step that had not succeeded.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "actors/jobs/job_book.h"
#include "actors/jobs/step_work.h"
#include "actors/servers/job_desk.h"
#include "core/clock.h"
#include "monitoring/event.h"

namespace penstock {

class JobOffice final : public JobDesk {
 public:
  /// Makes what does a step. Errors: the step fails with them.
  using MakeStep = std::function<Result<StepWorkPtr>(const JobBook::Task& task)>;

  /// `store`, `clock` and `monitor` outlive this. `history_is_read`: see JobBook::look.
  JobOffice(std::vector<JobSpec> jobs, Store& store, const Clock& clock, monitoring::Monitor& monitor,
            MakeStep make_step, std::function<bool()> history_is_read);
  ~JobOffice() override { close(); }

  /// Takes up what is stored. Errors: of the store, data_loss.
  Status open();
  /// Lets begin what is due, and looks how far everything is. Called several times a second by one thread.
  void work();
  /// Interrupts what runs and waits for it; it goes on at the next start. Nothing begins any more.
  void close();
  /// Tells the monitor how jobs stand: when they last succeeded, how late they are, how far they are.
  void tell() const;

  std::vector<JobStatus> jobs() const override;
  Result<JobStatus> job(const std::string& name) const override;
  Result<std::vector<JobRun>> runs(const std::string& job) const override;
  void begin(const std::string& job, RunDone done) override;
  Result<JobRun> cancel(const std::string& job_or_run) override;

 private:
  struct Request {
    std::string job;
    RunDone done;
  };
  struct Answer {
    RunDone done;
    JobRun run;
  };

  JobTime time() const { return {clock_.now(), clock_.monotonic_nanos()}; }
  void take_requests();
  Status keep();
  void start_steps();
  void look_at_steps();
  void tell_happenings();

  Store& store_;
  const Clock& clock_;
  monitoring::Monitor& monitor_;
  const MakeStep make_step_;
  const std::function<bool()> history_is_read_;

  std::mutex working_;                        // held by work() and close(); guards works_, tasks_, unkept_, answers_
  std::map<std::string, StepWorkPtr> works_;  // by job
  std::vector<JobBook::Task> tasks_;          // that wait for the store
  WriteBatch unkept_;                         // what the store has not taken yet
  std::vector<Answer> answers_;               // that wait for the store
  bool told_unkept_ = false;

  mutable std::mutex mutex_;
  JobBook book_;                  // guarded by mutex_
  std::deque<Request> requests_;  // guarded by mutex_
  bool closed_ = false;           // guarded by mutex_
};

}  // namespace penstock
