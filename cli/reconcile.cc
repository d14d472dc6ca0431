#include "cli/reconcile.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "actors/servers/http_target.h"
#include "cli/answer_json.h"
#include "cli/app.h"
#include "cli/progress.h"

namespace penstock::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery(100);

int report(const Status& status, std::ostream& err) {
  err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

// The text of an element, as JSON; empty for null.
std::string json_of(const Element& element) { return element.is_null() ? "" : printable(simdjson::to_string(element)); }

int print(const Element& run, std::ostream& out, std::ostream& err) {
  const std::string view = text(run["view"]), state = text(run["state"]);
  const std::string counts = with_separators(natural(run["rows"])) + " rows from " +
                             with_separators(natural(run["records"])) + " records, " +
                             short_seconds(number(run["seconds"]));
  if (state != "done") {
    err << "penstock: the run " << text(run["run"]) << " has " << (state == "cancelled" ? "been cancelled" : state)
        << ": " << text(run["message"]) << '\n';
    return Exit::kFailed;
  }
  if (text(run["purpose"]) == "land") {
    out << "the view " << view << " has version " << natural(run["version"]) << ": " << counts << '\n';
    return Exit::kOk;
  }
  const uint64_t differences = natural(run["differences"]);
  if (differences == 0) {
    out << "the view " << view << " agrees with history: " << counts << '\n';
    return Exit::kOk;
  }
  out << "the view " << view << " does not agree with history in " << with_separators(differences) << " of " << counts
      << '\n';
  for (const Element difference : run["first_differences"]) {
    const std::string history = json_of(difference["history"]), live = json_of(difference["view"]);
    out << "  history " << (history.empty() ? "has no such row" : history) << '\n'
        << "  view    " << (live.empty() ? "has no such row" : live) << "\n\n";
  }
  out << "`penstock recompute " << view << "` makes it what history says\n";
  return Exit::kFailed;
}

// Until the run has ended.
Result<std::string> await(const BatchOptions& options, const std::string& run) {
  Progress progress(options.reconcile ? "reconciling " + options.view : "recomputing " + options.view, "records");
  for (;;) {
    PENSTOCK_ASSIGN(std::string answer, ask_node(options.url, "/v1/batch-runs/" + percent_encode(run)));
    simdjson::dom::parser parser;
    const Element json = parser.parse(answer);
    const std::string state = text(json["state"]);
    if (state == "done" || state == "failed" || state == "cancelled")
      return answer;
    progress.update(natural(json["records_done"]), natural(json["records"]), state);
    std::this_thread::sleep_for(kLookEvery);
  }
}

void add(CLI::App& app, Exit& exit, bool reconcile, const char* name, const char* summary, const char* examples) {
  auto options = std::make_shared<BatchOptions>();
  options->reconcile = reconcile;
  CLI::App* verb = add_verb(app, name, summary, examples);
  verb->add_option("view", options->view, "The view")->required();
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->add_flag("!--no-wait", options->wait, "Only begin the run, and print its id");
  verb->add_option_function<std::string>(
          "--format", [options](const std::string& format) { options->json = format == "json"; },
          "text, or json: the node's answer as it is")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  verb->callback([options, &exit] { exit.code = run_batch(*options, std::cout, std::cerr); });
}

}  // namespace

int run_batch(const BatchOptions& options, std::ostream& out, std::ostream& err) {
  const std::string verb = options.reconcile ? "/reconcile" : "/recompute";
  auto answer = ask_node(options.url, "/v1/views/" + percent_encode(options.view) + verb, std::string());
  if (!answer.ok())
    return report(answer.status(), err);
  simdjson::dom::parser parser;
  if (options.wait) {
    answer = await(options, text(parser.parse(*answer)["run"]));
    if (!answer.ok())
      return report(answer.status(), err);
  }
  const Element run = parser.parse(*answer);
  if (!options.json && options.wait)
    return print(run, out, err);
  out << (options.json ? *answer : text(run["run"])) << '\n';
  const bool agrees = natural(run["differences"]) == 0;
  return !options.wait || (text(run["state"]) == "done" && agrees) ? Exit::kOk : Exit::kFailed;
}

void add_reconcile(CLI::App& app, Exit& exit) {
  add(app, exit, true, "reconcile", "Recompute a view of a running node from history, and compare: they must agree.",
      "  penstock reconcile sales\n"
      "  penstock reconcile sales --format json --url http://127.0.0.1:9000\n");
}

void add_recompute(CLI::App& app, Exit& exit) {
  add(app, exit, false, "recompute", "Recompute a view of a running node from history; the result replaces it.",
      "  penstock recompute sales\n"
      "  penstock recompute sales --no-wait\n");
}

}  // namespace penstock::cli
