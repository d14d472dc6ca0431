#include "cli/jobs.h"

#include <simdjson.h>

#include <chrono>
#include <thread>

#include "actors/servers/http_target.h"
#include "cli/answer_json.h"
#include "cli/jobs_text.h"
#include "cli/progress.h"

namespace penstock::cli {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(200);
constexpr int kPatience = 150;  // looks at a node that does not answer: 30 s, in which it may come up again
constexpr uint64_t kSteps = 1000;

int report(const Status& status, std::ostream& err) {
  if (status.ok())
    return Exit::kOk;
  err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

std::string job_of(const std::string& name) { return name.substr(0, name.find('.')); }

std::string target_of(const std::string& job, const std::string& rest = {}) {
  return "/v1/jobs/" + percent_encode(job) + rest;
}

// The run's id and its state, out of an answer that holds one.
std::pair<std::string, std::string> run_in(const std::string& answer) {
  simdjson::dom::parser parser;
  const auto run = parser.parse(answer);
  return {text(run["id"]), text(run["state"])};
}

// Until it has ended. A node that goes away meanwhile may come back and go on with the run.
Result<RunProgress> wait_for(const JobOptions& options, const std::string& id) {
  Progress shown(id, "");
  for (int failed = 0; failed < kPatience;) {
    std::this_thread::sleep_for(kLookEvery);
    const auto answer = ask_node(options.url, target_of(job_of(id), "?runs=1000"));
    if (!answer.ok()) {
      if (answer.status().code() != Code::kUnavailable && answer.status().code() != Code::kFailedPrecondition)
        return answer.status();
      ++failed;
      continue;
    }
    failed = 0;
    PENSTOCK_ASSIGN(RunProgress run, read_progress(*answer, id));
    if (run.state != "running" && run.state != "interrupted")
      return run;
    const double share = run.progress < 0 ? 0 : run.progress;
    shown.update(static_cast<uint64_t>(share * kSteps), kSteps, run.step);
  }
  return unavailable("the node does not answer any more; the run goes on when it does");
}

}  // namespace

int list_jobs(const JobOptions& options, std::ostream& out, std::ostream& err) {
  return show_answer({options.url, "/v1/jobs", options.json}, print_jobs, out, err);
}

int show_job(const JobOptions& options, std::ostream& out, std::ostream& err) {
  const std::string job = job_of(options.name);
  if (job != options.name)
    return show_answer(
        {options.url, target_of(job, "?runs=10000"), options.json},
        [&](const std::string& answer, std::ostream& to) { return print_run(answer, options.name, to); }, out, err);
  return show_answer({options.url, target_of(job, "?runs=" + std::to_string(options.runs)), options.json}, print_job,
                     out, err);
}

int run_job(const JobOptions& options, std::ostream& out, std::ostream& err) {
  const auto begun = ask_node(options.url, target_of(options.name, "/run"), std::string());
  if (!begun.ok())
    return report(begun.status(), err);
  const std::string id = run_in(*begun).first;
  if (!options.wait) {
    if (options.json)
      out << *begun << '\n';
    else
      out << id << " has begun; `penstock job show " << printable(options.name) << "` tells how far it is\n";
    return Exit::kOk;
  }
  const auto ended = wait_for(options, id);
  if (!ended.ok())
    return report(ended.status(), err);
  JobOptions show = options;
  show.name = id;
  const int shown = show_job(show, out, err);
  if (shown != Exit::kOk || ended->state == "succeeded")
    return shown;
  return report(internal_error(id + " " + ended->state + (ended->reason.empty() ? "" : ": " + ended->reason)), err);
}

int cancel_job(const JobOptions& options, std::ostream& out, std::ostream& err) {
  const auto answer = ask_node(options.url, target_of(options.name, "/cancel"), std::string());
  if (!answer.ok())
    return report(answer.status(), err);
  const auto [id, state] = run_in(*answer);
  if (options.json)
    out << *answer << '\n';
  else
    out << id << (state == "cancelled" ? " is cancelled\n" : " ends as soon as its step looks\n");
  return Exit::kOk;
}

}  // namespace penstock::cli
