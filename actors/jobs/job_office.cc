#include "actors/jobs/job_office.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>

namespace penstock {
namespace {

monitoring::Origin origin_of(const std::string& job) { return {job, "job", "job"}; }

bool is_empty(const WriteBatch& batch) { return batch.puts.empty(); }

// A step that runs out of memory, or hits a bug, has failed and nothing more.
template <class Outcome, class Work>
Outcome try_to(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return resource_exhausted("there is not enough memory");
  } catch (const std::exception& error) {
    return internal_error(error.what());
  }
}

void move_behind(WriteBatch more, WriteBatch& batch) {
  std::move(more.puts.begin(), more.puts.end(), std::back_inserter(batch.puts));
}

}  // namespace

JobOffice::JobOffice(std::vector<JobSpec> jobs, Store& store, const Clock& clock, monitoring::Monitor& monitor,
                     MakeStep make_step, std::function<bool()> history_is_read)
    : store_(store),
      clock_(clock),
      monitor_(monitor),
      make_step_(std::move(make_step)),
      history_is_read_(std::move(history_is_read)),
      book_(std::move(jobs)) {}

Status JobOffice::open() {
  const std::lock_guard lock(mutex_);
  Status status;
  const auto read = [&](const char* table, const std::function<Status(std::string_view, std::string_view)>& take) {
    if (status.ok())
      if (const Status scanned = store_.scan(table, "",
                                             [&](std::string_view key, std::string_view value) {
                                               status = take(key, value);
                                               return status.ok();
                                             });
          !scanned.ok())
        status = scanned;
  };
  read(kJobRunsTable, [&](std::string_view, std::string_view value) -> Status {
    PENSTOCK_ASSIGN(JobRun run, decode_run(value));
    book_.restore(std::move(run));
    return ok();
  });
  read(kJobStandingTable, [&](std::string_view key, std::string_view value) -> Status {
    PENSTOCK_ASSIGN(JobMemory memory, decode_memory(value));
    book_.restore(std::string(key), std::move(memory));
    return ok();
  });
  PENSTOCK_TRY(status);
  book_.open(time());
  return ok();
}

void JobOffice::work() {
  const std::lock_guard working(working_);
  const bool read = history_is_read_();
  {
    const std::lock_guard lock(mutex_);
    if (closed_)
      return;
    take_requests();
    book_.look(time(), read);
    std::ranges::move(book_.take_tasks(), std::back_inserter(tasks_));
    move_behind(book_.take_changes(), unkept_);
  }
  if (const Status kept = keep(); !kept.ok())
    return;
  tell_happenings();
  start_steps();
  look_at_steps();
}

// What was asked for begins now, and is answered when it is on record.
void JobOffice::take_requests() {
  for (Request& request : std::exchange(requests_, {})) {
    if (const Status health = store_.health(); !health.ok() && health.code() != Code::kResourceExhausted) {
      request.done(health.with_context("nothing can be put on record"));
    } else if (Result<JobRun> run = book_.begin(request.job, time()); run.ok()) {
      answers_.push_back({std::move(request.done), std::move(run).value()});
    } else {
      request.done(run.status());
    }
  }
}

Status JobOffice::keep() {
  Status status;
  if (!is_empty(unkept_))
    status = store_.commit_and_wait(unkept_).status;
  if (!status.ok()) {
    if (!std::exchange(told_unkept_, true)) {
      const monitoring::Origin origin{"jobs", "service", "jobs"};
      monitor_.emit(monitoring::ComponentError{origin, "commit",
                                               "runs cannot be put on record, and no job begins: " + status.message()});
    }
    return status;
  }
  told_unkept_ = false;
  unkept_ = {};
  for (const Answer& answer : std::exchange(answers_, {}))
    answer.done(answer.run);
  return ok();
}

void JobOffice::start_steps() {
  for (const JobBook::Task& task : std::exchange(tasks_, {})) {
    Result<StepWorkPtr> work = try_to<Result<StepWorkPtr>>([&] { return make_step_(task); });
    if (work.ok()) {
      works_[task.job] = std::move(work).value();
      continue;
    }
    const std::lock_guard lock(mutex_);
    book_.end_step(task.job, work.status(), "", time());
  }
}

void JobOffice::look_at_steps() {
  for (auto it = works_.begin(); it != works_.end();) {
    const auto& [job, work] = *it;
    bool ending = false;
    {
      const std::lock_guard lock(mutex_);
      ending = book_.must_end(job);
    }
    if (ending)
      work->cancel();
    const auto looked = try_to<Result<StepLook>>([&] { return work->look(); });
    const StepLook look = looked.ok() ? *looked : StepLook{.ended = true, .status = looked.status()};
    const std::lock_guard lock(mutex_);
    if (look.ended)
      book_.end_step(job, look.status, look.note, time());
    else
      book_.note_progress(job, look.progress, look.eta_seconds, look.note);
    it = look.ended ? works_.erase(it) : std::next(it);
  }
}

void JobOffice::tell_happenings() {
  std::vector<JobBook::Happening> happened;
  {
    const std::lock_guard lock(mutex_);
    happened = book_.take_happenings();
  }
  const Timestamp now = clock_.now();
  for (const auto& [run, began] : happened) {
    const monitoring::Origin origin = origin_of(run.job);
    if (began)
      monitor_.emit(monitoring::JobStarted{origin, run.id(), run.resumed > 0 ? "resumed" : run.cause});
    else
      monitor_.emit(
          monitoring::JobFinished{origin, run.id(), std::string(state_name(run.state)), run.reason,
                                  static_cast<double>(run.ended.value_or(now).micros - run.started.micros) * 1e-6});
  }
}

void JobOffice::close() {
  const std::lock_guard working(working_);
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true))
      return;
    book_.close();
    for (const Request& request : std::exchange(requests_, {}))
      request.done(failed_precondition("the node is stopping"));
    move_behind(book_.take_changes(), unkept_);
  }
  works_.clear();
  (void)keep();  // refused: the run is found running, and goes on all the same
  for (const Answer& answer : std::exchange(answers_, {}))
    answer.done(unavailable("the node is stopping"));
  tell_happenings();
}

void JobOffice::tell() const {
  for (const JobStatus& job : jobs()) {
    const monitoring::Origin origin = origin_of(job.name);
    const auto seconds = [](const std::optional<Timestamp>& at) {
      return at ? static_cast<double>(at->micros) * 1e-6 : 0;
    };
    const bool failed = job.last && (job.last->state == RunState::kFailed || job.last->state == RunState::kTimedOut);
    monitor_.emit(
        monitoring::JobStanding{origin, seconds(job.succeeded), job.late_seconds, failed, seconds(job.next_due)});
    if (job.running)
      monitor_.emit(monitoring::JobProgressed{origin, job.running->progress, job.running->eta_seconds});
  }
}

std::vector<JobStatus> JobOffice::jobs() const {
  const std::lock_guard lock(mutex_);
  return book_.jobs(clock_.now());
}

Result<JobStatus> JobOffice::job(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return book_.job(name, clock_.now());
}

Result<std::vector<JobRun>> JobOffice::runs(const std::string& job) const {
  const std::lock_guard lock(mutex_);
  return book_.runs(job, clock_.now());
}

void JobOffice::begin(const std::string& job, RunDone done) {
  std::unique_lock lock(mutex_);
  if (!closed_) {
    requests_.push_back({job, std::move(done)});
    return;
  }
  lock.unlock();
  done(failed_precondition("the node is stopping"));
}

Result<JobRun> JobOffice::cancel(const std::string& job_or_run) {
  const std::lock_guard lock(mutex_);
  return book_.cancel(job_or_run, time());
}

}  // namespace penstock
