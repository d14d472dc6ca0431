#include "actors/jobs/job.h"

namespace penstock {

Timestamp JobRhythm::next_after(Timestamp time) const {
  if (const auto* schedule = std::get_if<CronSchedule>(&rhythm_))
    return schedule->next_after(time);
  const int64_t every = std::get<Duration>(rhythm_).micros;
  return {(time.micros / every + 1) * every};
}

JobSpec job_of(const topology::Component& component) {
  JobSpec job;
  job.name = component.id;
  job.run = component.texts("run");
  if (component.has("schedule")) {
    const std::string& text = component.text("schedule");
    job.rhythm.emplace(std::get<CronSchedule>(CronSchedule::parse(text)), text);
  } else if (component.has("every")) {
    job.rhythm.emplace(component.duration("every"));
  }
  job.on_start = component.has("on");
  if (component.has("after"))
    job.after = component.texts("after");
  if (component.has("timeout"))
    job.timeout = component.duration("timeout");
  job.missed = component.text("missed") == "skip" ? JobSpec::Missed::kSkip : JobSpec::Missed::kRunOnce;
  job.retries = static_cast<uint32_t>(component.integer("retries"));
  job.retry_after = component.duration("retry_after");
  job.keep_history = static_cast<size_t>(component.integer("keep_history"));
  return job;
}

}  // namespace penstock
