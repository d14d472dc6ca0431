// The declaration of jobs, and what is checked of them.
#include <algorithm>
#include <map>
#include <set>

#include "actors/jobs/job.h"
#include "actors/sources/recommendations.h"
#include "topology/hint.h"
#include "topology/plan.h"
#include "topology/result_file.h"

namespace penstock {
namespace {

using topology::BindContext;
using topology::BoundComponent;
using topology::Component;
using topology::Diagnostics;
using topology::Kind;
using topology::PropertyValue;
using topology::Role;

void check_schedule(const Component& component, Diagnostics& diagnostics) {
  if (const PropertyValue* value = component.find("schedule")) {
    const auto parsed = CronSchedule::parse(component.text("schedule"));
    if (const auto* problem = std::get_if<CronSchedule::Problem>(&parsed))
      diagnostics.error(value->place_at(problem->offset), "bad-schedule", problem->text, problem->hint);
    if (component.has("every"))
      diagnostics.error(component.place_of("every"), "bad-schedule", "both schedule and every are given",
                        "keep one of them");
  }
}

// What a step can be. Empty: it is one; else why it is not.
std::string why_not_run(const BoundComponent& bound) {
  const Component& component = bound.component;
  if (component.role == Role::kModel)
    return bound.binding.online ? "learns each row as it comes and is never trained" : "";
  if (component.role == Role::kSink)
    return topology::is_result_file(component) ? "" : "delivers by itself, all the time";
  if (component.role == Role::kStage)
    return bound.binding.is_view ? "" : "is no view: it keeps no result that could be made anew";
  return is_recommendations(component) ? "" : "is a " + std::string(topology::role_name(component.role));
}

std::string refusal(const std::string& id, const std::string& why) { return "a job cannot run " + id + ": it " + why; }

void check_run(const Component& component, const BindContext& context) {
  std::set<std::string> seen;
  for (const PropertyValue& value : component.list("run")) {
    const std::string& id = std::get<std::string>(value.value);
    if (!seen.insert(id).second)
      context.diagnostics.error(value.place, "duplicate", id + " is named twice", "each is run once, in this order");
    const BoundComponent* bound = context.component(id);
    if (bound == nullptr)
      continue;  // reported as unknown, or has mistakes of its own
    if (const std::string why = why_not_run(*bound); !why.empty())
      context.diagnostics.error(value.place, "wrong-role", refusal(id, why),
                                "a job runs models, views, sinks of type result_file and sources of type "
                                "recommendations");
    else if (is_recommendations(bound->component))
      check_recommendations(bound->component, context);
  }
}

topology::Binding bind(const Component& component, const BindContext& context) {
  check_schedule(component, context.diagnostics);
  if (component.has("run"))
    check_run(component, context);
  return {};
}

std::vector<std::string> after_of(const Component& job) {
  return job.has("after") ? job.texts("after") : std::vector<std::string>();
}

// Whether `from` is reached again by going from it to what it comes after.
bool comes_after_itself(const std::string& from, const std::map<std::string, std::vector<std::string>>& after) {
  std::set<std::string> seen;
  std::vector<std::string> open = after.at(from);
  while (!open.empty()) {
    const std::string job = std::move(open.back());
    open.pop_back();
    if (job == from)
      return true;
    if (const auto found = after.find(job); found != after.end() && seen.insert(job).second)
      open.insert(open.end(), found->second.begin(), found->second.end());
  }
  return false;
}

void check_among(const Component& component, const std::vector<const Component*>& all, Diagnostics& diagnostics) {
  if (!component.has("after"))
    return;
  std::map<std::string, std::vector<std::string>> after;
  std::set<std::string> others;
  std::vector<std::string> jobs;
  for (const Component* other : all) {
    if (other->role != Role::kJob) {
      others.insert(other->id);
      continue;
    }
    after[other->id] = after_of(*other);
    if (other->id != component.id)
      jobs.push_back(other->id);
  }
  for (const PropertyValue& value : component.list("after")) {
    const std::string& id = std::get<std::string>(value.value);
    if (others.contains(id))
      diagnostics.error(value.place, "wrong-role", id + " is no job", topology::nearest_hint(id, jobs, "the jobs are"));
    else if (id == component.id)
      diagnostics.error(value.place, "cycle", "the job " + id + " would come after itself", "remove it here");
  }
  if (std::ranges::count(after_of(component), component.id) == 0 && comes_after_itself(component.id, after))
    diagnostics.error(component.place_of("after"), "cycle",
                      "the job " + component.id + " comes, by way of others, after itself",
                      "none of these jobs would ever begin; let one of them not come after another");
}

}  // namespace

topology::ComponentType job_type() {
  topology::ComponentType type;
  type.role = Role::kJob;
  type.name = "job";
  type.summary =
      "Trains models, makes views anew from history and writes result files: by schedule, at start, after other jobs "
      "or "
      "by command.";
  type.example =
      "nightly:\n"
      "  schedule: \"0 3 * * *\"\n"
      "  run: [best]\n"
      "  timeout: 1h\n";
  type.min_inputs = 0;
  type.max_inputs = 0;
  type.properties = {
      {.name = "run",
       .kind = Kind::kList,
       .meaning = "What it does, in this order: ids of models (trained), views (made anew from history), sinks of type "
                  "result_file (written) and sources of type recommendations (filled).",
       .required = true,
       .minimum = 1,
       .element = Kind::kComponent},
      {.name = "schedule",
       .kind = Kind::kString,
       .meaning =
           "When it is due, in the five fields of cron: minute, hour, day of month, month, day of week; in UTC."},
      {.name = "time_zone",
       .kind = Kind::kChoice,
       .meaning = "Of the schedule.",
       .default_value = "UTC",
       .choices = {"UTC"}},
      {.name = "every",
       .kind = Kind::kDuration,
       .meaning =
           "Instead of a schedule: how often it is due, counted from midnight 1970 UTC (15m: at :00, :15, :30, :45).",
       .minimum = 1},
      {.name = "on",
       .kind = Kind::kChoice,
       .meaning = "At `start`: also whenever the node starts, once its sources have read the history that there is.",
       .choices = {"start"}},
      {.name = "after",
       .kind = Kind::kList,
       .meaning = "Jobs; it is due when all of them have succeeded since its own last run after them.",
       .minimum = 1,
       .element = Kind::kComponent},
      {.name = "timeout",
       .kind = Kind::kDuration,
       .meaning = "A run that takes longer is ended; the time that the node is down does not count.",
       .minimum = 1},
      {.name = "missed",
       .kind = Kind::kChoice,
       .meaning =
           "What becomes of runs that were due while the node was down or the run before still went on: one for all of "
           "them as soon as possible, or none.",
       .default_value = "run_once",
       .choices = {"run_once", "skip"}},
      {.name = "retries",
       .kind = Kind::kInteger,
       .meaning = "How often each step that fails is tried again before the run fails.",
       .default_value = "0",
       .minimum = 0,
       .maximum = 100},
      {.name = "retry_after",
       .kind = Kind::kDuration,
       .meaning = "Pause before the first such try; twice as long before each further one, up to an hour.",
       .default_value = "10s",
       .minimum = 0},
      {.name = "keep_history",
       .kind = Kind::kInteger,
       .meaning = "How many of the newest runs are kept on record.",
       .default_value = "100",
       .minimum = 1,
       .maximum = 10000,
       .unit = "runs"},
  };
  type.bind = bind;
  type.check_among = check_among;
  return type;
}

}  // namespace penstock
