#include "cli/jobs_text.h"

#include <simdjson.h>

#include <optional>

#include "cli/answer_json.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "messages/timestamp.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

Status not_known() {
  return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

std::string joined(const Element& list) {
  std::string out;
  dom::array items;
  if (list.get(items) == simdjson::SUCCESS)
    for (const dom::element item : items)
      out += (out.empty() ? "" : ", ") + text(dom::element(item));
  return out;
}

// What lets it begin: `0 3 * * *, at start, after other`.
std::string triggers(const dom::element& job) {
  std::string out = text(job["schedule"]);
  if (flag(job["on_start"]))
    out += out.empty() ? "at start" : ", at start";
  if (const std::string after = joined(job["after"]); !after.empty())
    out += (out.empty() ? "after " : ", after ") + after;
  return out.empty() ? "by command" : out;
}

std::string percent(const Element& share) {
  const double value = number(share, -1);
  return value < 0 ? "-" : std::to_string(static_cast<int>(value * 100)) + " %";
}

std::string duration(const dom::element& run) {
  const auto started = parse_timestamp(text(run["started"])), ended = parse_timestamp(text(run["ended"]));
  return started && ended ? short_seconds(static_cast<double>(ended->micros - started->micros) * 1e-6) : "-";
}

// `running 40 %, 12 s left`, `failed`.
std::string state(const dom::element& run) {
  std::string out = text(run["state"]);
  if (out == "running" && number(run["progress"], -1) >= 0)
    out += " " + percent(run["progress"]);
  if (const double eta = number(run["eta_seconds"], -1); out.starts_with("running") && eta >= 0)
    out += ", " + short_seconds(eta) + " left";
  return out;
}

std::string state_of(const dom::element& job) {
  for (const char* which : {"running", "last"})
    if (dom::element run; job[which].get(run) == simdjson::SUCCESS && run.is_object())
      return state(run);
  return "-";
}

std::optional<dom::element> find_run(const dom::element& job, const std::string& id) {
  dom::array runs;
  if (job["runs"].get(runs) == simdjson::SUCCESS)
    for (const dom::element run : runs)
      if (text(run["id"]) == id)
        return run;
  return std::nullopt;
}

void print_steps(const dom::element& run, std::ostream& out) {
  Table table({{"STEP"}, {"STATE"}, {"TOOK", Table::Align::kRight}, {"TRIES", Table::Align::kRight}, {"NOTE"}});
  dom::array steps;
  if (run["steps"].get(steps) == simdjson::SUCCESS)
    for (const dom::element step : steps) {
      const bool going = text(step["state"]) == "running" && number(step["progress"], -1) >= 0;
      table.add({text(step["id"]), text(step["state"]) + (going ? " " + percent(step["progress"]) : ""), duration(step),
                 std::to_string(natural(step["tries"])), or_dash(text(step["note"]))});
    }
  table.print(out);
}

}  // namespace

Status print_jobs(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::array jobs;
  if (parser.parse(answer)["jobs"].get(jobs) != simdjson::SUCCESS)
    return not_known();
  if (jobs.size() == 0) {
    out << "the topology has no jobs\n";
    return ok();
  }
  Table table({{"JOB"}, {"BEGINS"}, {"NEXT"}, {"STATE"}, {"LAST SUCCESS"}, {"RUNS"}});
  for (const dom::element job : jobs)
    table.add({text(job["name"]), triggers(job), or_dash(text(job["next"])), state_of(job),
               or_dash(text(job["succeeded"])), joined(job["run"])});
  table.print(out);
  return ok();
}

Status print_job(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element job;
  dom::array runs;
  if (parser.parse(answer).get(job) != simdjson::SUCCESS || job["runs"].get(runs) != simdjson::SUCCESS)
    return not_known();
  out << text(job["name"]) << ": runs " << joined(job["run"]) << '\n'
      << "begins:       " << triggers(job) << '\n'
      << "next:         " << or_dash(text(job["next"])) << '\n'
      << "last success: " << or_dash(text(job["succeeded"])) << '\n';
  if (const double late = number(job["late_seconds"]); late > 0)
    out << "late:         " << short_seconds(late) << '\n';
  if (runs.size() == 0)
    return ok();
  out << '\n';
  Table table({{"RUN"}, {"CAUSE"}, {"STARTED"}, {"TOOK", Table::Align::kRight}, {"STATE"}, {"REASON"}});
  for (const dom::element run : runs)
    table.add({text(run["id"]), text(run["cause"]), text(run["started"]), duration(run), state(run),
               or_dash(text(run["reason"]))});
  table.print(out);
  if (dom::element running; job["running"].get(running) == simdjson::SUCCESS && running.is_object()) {
    out << '\n';
    print_steps(running, out);
  }
  return ok();
}

Status print_run(const std::string& answer, const std::string& id, std::ostream& out) {
  dom::parser parser;
  dom::element job;
  if (parser.parse(answer).get(job) != simdjson::SUCCESS)
    return not_known();
  const auto run = find_run(job, id);
  if (!run)
    return not_found("run " + printable(id) + " is not on record (any more)");
  out << id << ": " << state(*run) << '\n'
      << "cause:   " << text((*run)["cause"]) << '\n'
      << "due:     " << or_dash(text((*run)["due"])) << '\n'
      << "started: " << text((*run)["started"]) << '\n'
      << "ended:   " << or_dash(text((*run)["ended"])) << '\n'
      << "resumed: " << natural((*run)["resumed"]) << '\n';
  if (const std::string reason = text((*run)["reason"]); !reason.empty())
    out << "reason:  " << reason << '\n';
  out << '\n';
  print_steps(*run, out);
  return ok();
}

Result<RunProgress> read_progress(const std::string& answer, const std::string& id) {
  dom::parser parser;
  dom::element job;
  if (parser.parse(answer).get(job) != simdjson::SUCCESS)
    return not_known();
  RunProgress progress;
  const auto run = find_run(job, id);
  if (!run)
    return progress;
  progress.state = text((*run)["state"]);
  progress.reason = text((*run)["reason"]);
  progress.progress = number((*run)["progress"], -1);
  dom::array steps;
  if ((*run)["steps"].get(steps) == simdjson::SUCCESS)
    for (const dom::element step : steps)
      if (text(step["state"]) == "running")
        progress.step = text(step["id"]) + (text(step["note"]).empty() ? "" : ": " + text(step["note"]));
  return progress;
}

}  // namespace penstock::cli
