#include "actors/jobs/job_book.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr uint32_t kDeathsOfAStep = 3;  // then it is taken to be what kills the process
constexpr int64_t kLongestPause = 3'600'000'000'000;

int64_t pause_before_try(Duration first, uint32_t tries) {
  int64_t pause = first.micros * 1000;
  for (uint32_t i = 1; i < tries && pause < kLongestPause; ++i)
    pause *= 2;
  return std::min(pause, kLongestPause);
}

bool same_steps(const JobRun& run, const JobSpec& spec) {
  return std::ranges::equal(run.steps, spec.run, {}, &JobStep::id);
}

Status runs_already(const JobRun& run) {
  return already_exists("job \"" + run.job + "\" is running already, as " + run.id());
}

}  // namespace

JobRun* JobBook::Job::active() { return runs.empty() || is_over(runs.back().state) ? nullptr : &runs.back(); }
const JobRun* JobBook::Job::active() const {
  return runs.empty() || is_over(runs.back().state) ? nullptr : &runs.back();
}

const JobRun* JobBook::Job::last_succeeded() const {
  const auto found =
      std::find_if(runs.rbegin(), runs.rend(), [](const JobRun& run) { return run.state == RunState::kSucceeded; });
  return found == runs.rend() ? nullptr : &*found;
}

std::optional<Timestamp> JobBook::Job::next_due() const {
  return spec.rhythm ? std::optional(spec.rhythm->next_after(memory.handled)) : std::nullopt;
}

size_t JobBook::Job::step() const {
  const std::vector<JobStep>& steps = runs.back().steps;
  return static_cast<size_t>(
      std::ranges::find_if(steps, [](const JobStep& step) { return step.state != StepState::kSucceeded; }) -
      steps.begin());
}

JobBook::JobBook(std::vector<JobSpec> jobs) {
  for (JobSpec& spec : jobs)
    jobs_.push_back({.spec = std::move(spec)});
}

JobBook::Job* JobBook::find(const std::string& name) {
  const auto found = std::ranges::find(jobs_, name, [](const Job& job) { return job.spec.name; });
  return found == jobs_.end() ? nullptr : &*found;
}

void JobBook::restore(JobRun run) {
  if (Job* job = find(run.job)) {
    const auto behind = std::ranges::upper_bound(job->runs, run.number, {}, &JobRun::number);
    job->runs.insert(behind, std::move(run));
  }
}

void JobBook::restore(const std::string& name, JobMemory memory) {
  if (Job* job = find(name)) {
    job->memory = std::move(memory);
    job->known = true;
  }
}

void JobBook::open(JobTime now) {
  opened_ = now.now;
  for (Job& job : jobs_) {
    const std::string rhythm = job.spec.rhythm ? job.spec.rhythm->text() : "";
    // A job, or a schedule, that is new has missed nothing; nor has one whose clock was wrong.
    if (!job.known || job.memory.rhythm != rhythm || job.memory.handled > now.now) {
      job.memory.handled = now.now;
      job.memory.rhythm = rhythm;
      job.memory_changed = true;
    }
    for (const std::string& before : job.spec.after)
      if (!job.memory.used.contains(before)) {
        const JobRun* newest = find(before)->last_succeeded();
        job.memory.used[before] = newest == nullptr ? 0 : newest->number;
        job.memory_changed = true;
      }
    job.start_due = job.spec.on_start && job.active() == nullptr;
    if (job.active() != nullptr)
      resume(job, now);
  }
}

void JobBook::resume(Job& job, JobTime now) {
  JobRun& run = *job.active();
  job.begun_nanos = job.try_nanos = now.nanos;
  const bool died = run.state == RunState::kRunning;
  run.state = RunState::kRunning;
  ++run.resumed;
  if (!same_steps(run, job.spec))
    return end_run(job, RunState::kFailed, "its steps were changed while it was interrupted", now);
  JobStep& step = run.steps[std::min(job.step(), run.steps.size() - 1)];
  if (step.state == StepState::kRunning) {
    step.state = StepState::kWaiting;
    step.deaths += died ? 1 : 0;
    --step.tries;  // it was not the step that failed
    if (step.deaths >= kDeathsOfAStep) {
      step.state = StepState::kFailed;
      return end_run(job, RunState::kFailed,
                     step.id + ": the process ended " + std::to_string(step.deaths) + " times while it ran", now);
    }
  }
  happenings_.push_back({run, true});
  changed(run);
}

void JobBook::close() {
  closed_ = true;
  tasks_.clear();
  for (Job& job : jobs_)
    if (JobRun* run = job.active()) {
      run->state = RunState::kInterrupted;
      job.ending.reset();
      changed(*run);
      happenings_.push_back({*run, false});
    }
}

bool JobBook::dependencies_succeeded(const Job& job) const {
  const auto has_new = [&](const std::string& name) {
    const auto found = std::ranges::find(jobs_, name, [](const Job& other) { return other.spec.name; });
    const JobRun* newest = found == jobs_.end() ? nullptr : found->last_succeeded();
    const auto used = job.memory.used.find(name);
    return newest != nullptr && newest->number > (used == job.memory.used.end() ? 0 : used->second);
  };
  return !job.spec.after.empty() && std::ranges::all_of(job.spec.after, has_new);
}

void JobBook::look_at_clock(Job& job, JobTime now) {
  const auto due = job.next_due();
  if (!due || *due > now.now)
    return;
  const bool missed = *due <= opened_;
  const bool skip = job.spec.missed == JobSpec::Missed::kSkip && (missed || job.active() != nullptr);
  if (!skip && job.active() != nullptr)
    return;  // as soon as the run before has ended
  if (!skip)
    begin_run(job, missed ? "missed" : "schedule", due, now);
  job.memory.handled = now.now;
  job.memory_changed = true;
}

void JobBook::look(JobTime now, bool history_is_read) {
  if (closed_)
    return;
  for (Job& job : jobs_) {
    look_at_clock(job, now);
    if (job.start_due && history_is_read && job.active() == nullptr)
      begin_run(job, "start", std::nullopt, now);
    if (job.active() == nullptr && dependencies_succeeded(job))
      begin_run(job, "after", std::nullopt, now);
    if (job.active() != nullptr)
      go_on(job, now);
  }
}

void JobBook::begin_run(Job& job, const std::string& cause, std::optional<Timestamp> due, JobTime now) {
  JobRun run;
  run.job = job.spec.name;
  run.number = job.runs.empty() ? 1 : job.runs.back().number + 1;
  run.cause = cause;
  run.due = due;
  run.started = now.now;
  for (const std::string& id : job.spec.run)
    run.steps.push_back({.id = id});
  if (cause == "start")
    job.start_due = false;
  if (dependencies_succeeded(job)) {  // this run comes after them, whatever it was begun for
    for (const std::string& before : job.spec.after)
      job.memory.used[before] = find(before)->last_succeeded()->number;
    job.memory_changed = true;
  }
  job.begun_nanos = job.try_nanos = now.nanos;
  job.ending.reset();
  happenings_.push_back({run, true});
  changed(run);
  job.runs.push_back(std::move(run));
}

void JobBook::end_run(Job& job, RunState state, const std::string& reason, JobTime now) {
  JobRun& run = *job.active();
  run.state = state;
  run.reason = reason;
  run.ended = now.now;
  for (JobStep& step : run.steps)
    if (state != RunState::kSucceeded && (step.state == StepState::kWaiting || step.state == StepState::kRunning))
      step.state = StepState::kCancelled;
  job.working = false;
  job.ending.reset();
  happenings_.push_back({run, false});
  changed(run);
  while (job.runs.size() > job.spec.keep_history) {
    changed_runs_[run_key(job.spec.name, job.runs.front().number)] = std::nullopt;
    job.runs.pop_front();
  }
}

// Times out, ends, or begins the next step.
void JobBook::go_on(Job& job, JobTime now) {
  JobRun& run = *job.active();
  if (!job.ending && job.spec.timeout && now.nanos - job.begun_nanos >= job.spec.timeout->micros * 1000)
    job.ending = RunState::kTimedOut;
  if (job.working)
    return;
  const size_t next = job.step();
  if (next == run.steps.size())
    return end_run(job, RunState::kSucceeded, "", now);
  if (job.ending)
    return end_run(job, *job.ending,
                   *job.ending == RunState::kTimedOut ? "took longer than " + to_string(*job.spec.timeout)
                                                      : "cancelled by command",
                   now);
  if (now.nanos < job.try_nanos)
    return;
  JobStep& step = run.steps[next];
  step.state = StepState::kRunning;
  step.started = step.started.value_or(now.now);
  ++step.tries;
  step.progress = step.eta_seconds = -1;
  job.working = true;
  tasks_.push_back({job.spec.name, run.number, step.id, step.tries});
  changed(run);
}

Result<JobRun> JobBook::begin(const std::string& name, JobTime now) {
  PENSTOCK_TRY(known_job(name).status());
  if (closed_)
    return failed_precondition("the node is stopping");
  Job& job = *find(name);
  if (job.active() != nullptr)
    return runs_already(*job.active());
  begin_run(job, "manual", std::nullopt, now);
  go_on(job, now);
  return *job.active();
}

Result<JobRun> JobBook::cancel(const std::string& job_or_run, JobTime now) {
  const std::string name = job_or_run.substr(0, job_or_run.find('.'));
  PENSTOCK_TRY(known_job(name).status());
  Job& job = *find(name);
  const JobRun* run = job.active();
  if (run == nullptr || (name != job_or_run && run->id() != job_or_run))
    return failed_precondition(name == job_or_run ? "job \"" + name + "\" is not running"
                                                  : "run \"" + job_or_run + "\" is not under way");
  job.ending = job.ending.value_or(RunState::kCancelled);
  if (!job.working)
    go_on(job, now);
  return job.runs.back();
}

std::vector<JobBook::Task> JobBook::take_tasks() { return std::exchange(tasks_, {}); }

bool JobBook::must_end(const std::string& name) const {
  const auto found = std::ranges::find(jobs_, name, [](const Job& job) { return job.spec.name; });
  return closed_ || found == jobs_.end() || found->ending.has_value();
}

void JobBook::note_progress(const std::string& name, double progress, double eta_seconds, const std::string& note) {
  Job* job = find(name);
  if (job == nullptr || !job->working)
    return;
  JobStep& step = job->runs.back().steps[job->step()];
  step.progress = progress;
  step.eta_seconds = eta_seconds;
  step.note = note;
}

void JobBook::end_step(const std::string& name, const Status& status, const std::string& note, JobTime now) {
  Job* job = find(name);
  if (closed_ || job == nullptr || !job->working)
    return;
  JobRun& run = job->runs.back();
  JobStep& step = run.steps[job->step()];
  job->working = false;
  step.note = status.ok() ? note : status.message();
  step.progress = step.eta_seconds = -1;
  step.ended = now.now;
  changed(run);
  if (status.ok()) {
    step.state = StepState::kSucceeded;
  } else if (job->ending) {
    step.state = StepState::kCancelled;
  } else if (step.tries <= job->spec.retries) {
    step.state = StepState::kWaiting;
    job->try_nanos = now.nanos + pause_before_try(job->spec.retry_after, step.tries);
  } else {
    step.state = StepState::kFailed;
    return end_run(*job, RunState::kFailed, step.id + ": " + status.message(), now);
  }
  go_on(*job, now);
}

void JobBook::changed(const JobRun& run) { changed_runs_[run_key(run.job, run.number)] = encode(run); }

WriteBatch JobBook::take_changes() {
  WriteBatch out;
  for (auto& [key, value] : changed_runs_)
    if (value)
      out.put(kJobRunsTable, key, std::move(*value));
    else
      out.erase(kJobRunsTable, key);
  changed_runs_.clear();
  for (Job& job : jobs_)
    if (std::exchange(job.memory_changed, false))
      out.put(kJobStandingTable, job.spec.name, encode(job.memory));
  return out;
}

}  // namespace penstock
