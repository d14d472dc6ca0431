// What a node says about its jobs, for people. Errors: internal (it is not what this version expects).
#pragma once

#include <ostream>
#include <string>

#include "core/status.h"

namespace penstock::cli {

/// GET /v1/jobs: a line for each job.
Status print_jobs(const std::string& answer, std::ostream& out);
/// GET /v1/jobs/{name}: how the job stands, and a line for each run.
Status print_job(const std::string& answer, std::ostream& out);
/// One of its runs, with the steps. Errors: not_found (it is not among them).
Status print_run(const std::string& answer, const std::string& run, std::ostream& out);

/// One of a job's runs, as far as waiting for it goes.
struct RunProgress {
  std::string state;  // running, ...; empty: it is not among them
  std::string reason;
  std::string step;  // under way, with what it does
  double progress = -1;
};
Result<RunProgress> read_progress(const std::string& answer, const std::string& run);

}  // namespace penstock::cli
