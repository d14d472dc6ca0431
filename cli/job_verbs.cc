// The command lines of `penstock job`.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/app.h"
#include "cli/jobs.h"

namespace penstock::cli {
namespace {

using Options = std::shared_ptr<JobOptions>;
using Work = int (*)(const JobOptions&, std::ostream&, std::ostream&);

std::pair<CLI::App*, Options> add(CLI::App* verbs, const std::string& name, const std::string& summary, Exit& exit,
                                  Work work) {
  const auto options = std::make_shared<JobOptions>();
  CLI::App* verb = verbs->add_subcommand(name, summary);
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->add_option_function<std::string>(
          "--format", [options](const std::string& format) { options->json = format == "json"; },
          "text, or json: the node's answer as it is")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  verb->callback([options, &exit, work] { exit.code = work(*options, std::cout, std::cerr); });
  return {verb, options};
}

}  // namespace

void add_jobs(CLI::App& app, Exit& exit) {
  CLI::App* verb = add_verb(app, "job", "Look at the jobs of a running node; run one now, cancel one.",
                            "  penstock job list\n"
                            "  penstock job show nightly\n"
                            "  penstock job show nightly.7\n"
                            "  penstock job run nightly --wait\n"
                            "  penstock job cancel nightly\n");
  verb->require_subcommand(1);
  add(verb, "list", "Show all jobs: when they are due, what runs.", exit, list_jobs);
  auto [show, of_show] = add(verb, "show", "Show a job with its runs, or one run with its steps.", exit, show_job);
  show->add_option("NAME", of_show->name, "The job, or a run such as nightly.7")->required();
  show->add_option("--runs", of_show->runs, "How many of the newest runs")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  auto [run, of_run] = add(verb, "run", "Begin a run now.", exit, run_job);
  run->add_option("NAME", of_run->name, "The job")->required();
  run->add_flag("--wait", of_run->wait, "Until it has ended, with its progress; exit code 0 only if it succeeded");
  auto [cancel, of_cancel] =
      add(verb, "cancel", "End the run under way; what its finished steps did stays.", exit, cancel_job);
  cancel->add_option("NAME", of_cancel->name, "The job, or its run")->required();
}

}  // namespace penstock::cli
