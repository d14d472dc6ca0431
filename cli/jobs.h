// `penstock job run|list|show|cancel`: the jobs of a running node. A client: the node does the work, and its answers are
// shown.
#pragma once

#include <ostream>
#include <string>

#include "cli/exit.h"
#include "cli/node_client.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct JobOptions {
  std::string url = kDefaultUrl;
  bool json = false;
  std::string name = {};  // of a job, or of a run such as nightly.7
  bool wait = false;
  uint64_t runs = 20;
};

// Each gives the exit code.
int list_jobs(const JobOptions& options, std::ostream& out, std::ostream& err);
int show_job(const JobOptions& options, std::ostream& out, std::ostream& err);
/// With `wait` until the run has ended; then the exit code is 0 only if it succeeded.
int run_job(const JobOptions& options, std::ostream& out, std::ostream& err);
int cancel_job(const JobOptions& options, std::ostream& out, std::ostream& err);

void add_jobs(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
