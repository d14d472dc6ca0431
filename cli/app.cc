#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "cli/backup.h"
#include "cli/check.h"
#include "cli/check_store.h"
#include "cli/dead_letters.h"
#include "cli/evaluate.h"
#include "cli/evaluate_policy.h"
#include "cli/experiments.h"
#include "cli/export.h"
#include "cli/faults.h"
#include "cli/generate.h"
#include "cli/jobs.h"
#include "cli/logs.h"
#include "cli/models.h"
#include "cli/monitoring.h"
#include "cli/node_verbs.h"
#include "cli/plan.h"
#include "cli/reconcile.h"
#include "cli/reference.h"
#include "cli/restore.h"
#include "cli/run.h"
#include "cli/tap.h"
#include "cli/test.h"
#include "cli/top.h"
#include "cli/tune.h"
#include "cli/version.h"
#include "core/nearest.h"

namespace penstock::cli {
namespace {

using AddVerb = void (*)(CLI::App&, Exit&);

// All verbs, in the order of the help.
const std::vector<AddVerb> kVerbs = {
    add_run,         add_check,     add_test,         add_plan,     add_evaluate,    add_tune,   add_evaluate_policy,
    add_experiments, add_recommend, add_similar,      add_status,   add_logs,        add_tap,    add_top,
    add_models,      add_jobs,      add_dead_letters, add_generate, add_check_store, add_backup, add_restore,
    add_export,      add_reconcile, add_recompute,    add_faults,   add_monitoring,  add_schema, add_reference};

constexpr const char* kSummary =
    "Penstock: recommendations that learn from live events and from history, declared in one topology file.";

constexpr const char* kExamples =
    "Examples:\n"
    "  penstock check config/topologies/demo.yaml\n"
    "  penstock run config/topologies/demo.yaml\n"
    "  penstock recommend --user 42 -n 10\n";

/// What is wrong with the command line; for a word that is not known, with the nearest one that is.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty())
    return error.what();
  std::vector<std::string> known;
  if (unknown.front().starts_with("-"))
    for (const CLI::Option* option : app.get_options())
      known.push_back(option->get_lnames().empty() ? option->get_name() : "--" + option->get_lnames().front());
  else
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(verb->get_name());
  const std::optional<std::string> meant = nearest(unknown.front(), known);
  return "unexpected `" + unknown.front() + "`" + (meant ? "; did you mean `" + *meant + "`?" : "");
}

/// The verb, or verb of a verb, that the command line chose; the whole program if it chose none.
const CLI::App& deepest(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : deepest(*chosen.front());
}

/// `penstock dead-letters list`.
std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? "penstock" : full_name(*app.get_parent()) + " " + app.get_name();
}

int parse_and_run(CLI::App& app, Exit& exit, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App& scope = deepest(app);
    std::fputs(scope.help(scope.get_parent() == nullptr ? "" : full_name(*scope.get_parent())).c_str(), stdout);
    return Exit::kOk;
  } catch (const CLI::CallForVersion& version) {
    std::printf("%s\n", version.what());
    return Exit::kOk;
  } catch (const CLI::ParseError& error) {
    const CLI::App& scope = deepest(app);
    const std::string name = full_name(scope);
    std::fprintf(stderr, "%s: %s\nTry `%s --help`.\n", name.c_str(), usage_error(scope, error).c_str(), name.c_str());
    return Exit::kUsage;
  }
  if (app.get_subcommands().empty())
    std::fputs(app.help().c_str(), stdout);
  return exit.code;
}

}  // namespace

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& summary, const std::string& examples) {
  CLI::App* verb = app.add_subcommand(name, summary);
  verb->footer("Examples:\n" + examples);
  return verb;
}

int run_command_line(int argc, const char* const* argv) {
  Exit exit;
  try {
    CLI::App app(kSummary, "penstock");
    app.set_help_flag("-h,--help", "Show help and exit");
    app.set_version_flag("--version", version_line(), "Show version, commit and build type, and exit");
    app.require_subcommand(0, 1);
    app.footer(std::string(kExamples) + "\n" + exit_codes_help() +
               "\nNO_COLOR=1 turns colour off. Every verb has its own --help.");
    for (const AddVerb add : kVerbs)
      add(app, exit);
    exit.code = parse_and_run(app, exit, argc, argv);
  } catch (const std::bad_alloc&) {
    exit.fail(resource_exhausted("out of memory"));
  } catch (const std::exception& error) {
    exit.fail(internal_error(std::string("unexpected error, please report it: ") + error.what()));
  }
  if (std::fflush(stdout) != 0 && exit.code == Exit::kOk) {
    std::fputs("penstock: cannot write the output\n", stderr);
    exit.code = Exit::kIo;
  }
  return exit.code;
}

}  // namespace penstock::cli
