// What the book tells of its jobs.
#include <algorithm>

#include "actors/jobs/job_book.h"
#include "core/nearest.h"

namespace penstock {

Result<const JobBook::Job*> JobBook::known_job(const std::string& name) const {
  std::vector<std::string> names;
  for (const Job& job : jobs_) {
    if (job.spec.name == name)
      return &job;
    names.push_back(job.spec.name);
  }
  const auto meant = nearest(name, names);
  return not_found("there is no job \"" + name + "\"" + (meant ? "; did you mean \"" + *meant + "\"?" : ""));
}

JobStatus JobBook::status(const Job& job, Timestamp now) const {
  JobStatus status;
  status.name = job.spec.name;
  status.rhythm = job.spec.rhythm ? job.spec.rhythm->text() : "";
  status.on_start = job.spec.on_start;
  status.after = job.spec.after;
  status.run = job.spec.run;
  if (const auto due = job.next_due()) {
    status.next_due = std::max(*due, job.spec.rhythm->next_after(now));
    if (job.active() != nullptr && *due <= now)
      status.late_seconds = static_cast<double>(now.micros - due->micros) * 1e-6;
  }
  if (const JobRun* succeeded = job.last_succeeded())
    status.succeeded = succeeded->ended;
  if (const JobRun* running = job.active()) {
    status.running = *running;
    estimate(*status.running, job.last_succeeded(), now);
  }
  const auto last =
      std::find_if(job.runs.rbegin(), job.runs.rend(), [](const JobRun& run) { return is_over(run.state); });
  if (last != job.runs.rend())
    status.last = *last;
  return status;
}

std::vector<JobStatus> JobBook::jobs(Timestamp now) const {
  std::vector<JobStatus> out;
  for (const Job& job : jobs_)
    out.push_back(status(job, now));
  return out;
}

Result<JobStatus> JobBook::job(const std::string& name, Timestamp now) const {
  PENSTOCK_ASSIGN(const Job* job, known_job(name));
  return status(*job, now);
}

Result<std::vector<JobRun>> JobBook::runs(const std::string& name, Timestamp now) const {
  PENSTOCK_ASSIGN(const Job* job, known_job(name));
  std::vector<JobRun> out(job->runs.rbegin(), job->runs.rend());
  if (job->active() != nullptr)
    estimate(out.front(), job->last_succeeded(), now);
  return out;
}

}  // namespace penstock
