#include "actors/jobs/view_step.h"

namespace penstock {

StepLook ViewStep::begin() {
  if (cancelled_)
    return {.ended = true, .status = penstock::cancelled("cancelled before the view was begun")};
  const auto nobody = [](const BatchRunStatus&) {};  // look() asks
  for (const BatchRunStatus& run : desk_.runs())
    if (run.owner == owner_ && run.view == view_ && run.state == "interrupted") {
      if (!desk_.resume(run.run, nobody).ok())
        break;  // such as one of a definition that has changed: anew
      run_ = run.run;
      return {.note = "goes on"};
    }
  Result<std::string> begun = desk_.start({.view = view_, .purpose = BatchPurpose::kLand, .owner = owner_}, nobody);
  if (begun.status().code() == Code::kAlreadyExists)
    return {.note = "waits for the run of the view that is under way"};
  if (!begun.ok())
    return {.ended = true, .status = begun.status()};
  run_ = std::move(begun).value();
  return {.note = "begins"};
}

StepLook ViewStep::look() {
  if (run_.empty())
    return begin();
  const Result<BatchRunStatus> run = desk_.run(run_);
  if (!run.ok())
    return {.ended = true, .status = run.status()};
  if (run->state == "cancelled")
    return {.ended = true, .status = penstock::cancelled("the recomputation was cancelled")};
  if (run->state == "failed")
    return {.ended = true, .status = internal_error(run->message)};
  if (run->state == "done")
    return {.ended = true,
            .note = "version " + std::to_string(run->version) + " of " + std::to_string(run->records) + " records, " +
                    std::to_string(run->keys) + " rows"};
  const bool known = run->records > 0 && run->state == "mapping";
  const double mapped = known ? static_cast<double>(run->records_done) / static_cast<double>(run->records) : -1;
  const double done = run->tasks > 0 ? static_cast<double>(run->tasks_done) / static_cast<double>(run->tasks) : mapped;
  return {.progress = done, .note = run->state};
}

void ViewStep::cancel() {
  if (!run_.empty() && !cancelled_)
    (void)desk_.cancel(run_);
  cancelled_ = true;
}

}  // namespace penstock
