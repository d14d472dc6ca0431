#include "actors/aggregators/window_plan.h"

#include <numeric>

#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;

constexpr int64_t kLongest = 36'500LL * 86'400 * 1'000'000;  // 100 years
constexpr int64_t kMostPanes = 100'000;                      // of a window

bool wrong(Diagnostics& diagnostics, topology::Place place, const std::string& what, const std::string& right) {
  diagnostics.error(place, "wrong-value", what, right);
  return false;
}

// Which windows; false if that is wrong.
bool plan_kind(const Component& component, WindowPlan& plan, Diagnostics& diagnostics) {
  const bool tumbling = component.has("every"), sliding = component.has("size") || component.has("slide"),
             session = component.has("session_gap");
  if (tumbling + sliding + session != 1)
    return wrong(diagnostics, component.place, "a window is given in exactly one way",
                 "give one of every: 1m, size: 10m with slide: 1m, session_gap: 30m");
  if (sliding && !(component.has("size") && component.has("slide")))
    return wrong(diagnostics, component.place_of(component.has("size") ? "size" : "slide"),
                 "a sliding window needs both size and slide", "for windows side by side write every");
  if (tumbling)
    plan.size = plan.slide = plan.pane = component.duration("every").micros;
  if (session)
    plan.gap = component.duration("session_gap").micros;
  if (sliding) {
    plan.size = component.duration("size").micros;
    plan.slide = component.duration("slide").micros;
    if (plan.slide > plan.size)
      return wrong(diagnostics, component.place_of("slide"), "rows between two windows would be in neither",
                   "slide is at most size");
    plan.pane = std::gcd(plan.size, plan.slide);
    if (plan.size / plan.pane > kMostPanes)
      return wrong(diagnostics, component.place_of("slide"),
                   "a window of " + to_string(Duration{plan.size}) + " has " + std::to_string(plan.size / plan.pane) +
                       " panes of " + to_string(Duration{plan.pane}) + ", and at most " + std::to_string(kMostPanes) +
                       " can be",
                   "choose size and slide that have a larger common divisor");
  }
  if (component.has("offset")) {
    plan.offset = component.duration("offset").micros;
    if (session)
      return wrong(diagnostics, component.place_of("offset"), "sessions begin when their first row comes",
                   "leave offset out");
  }
  return true;
}

bool plan_durations(const Component& component, WindowPlan& plan, Diagnostics& diagnostics) {
  for (const char* name : {"every", "size", "slide", "session_gap", "allowed_lateness", "retain", "offset"})
    if (component.has(name) && component.duration(name).micros > kLongest)
      return wrong(diagnostics, component.place_of(name), std::string(name) + " is longer than 100 years", "");
  plan.lateness = component.duration("allowed_lateness");
  plan.retain = component.duration("retain").micros;
  if (component.has("idle_timeout"))
    plan.idle_timeout = component.duration("idle_timeout");
  if (component.has("early_every"))
    plan.early_every = component.duration("early_every");
  return true;
}

}  // namespace

WindowPlan plan_window(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  WindowPlan plan;
  bool good = plan_durations(component, plan, diagnostics) && plan_kind(component, plan, diagnostics);
  if (!input)
    return plan;
  const auto time = topology::check_column(component, "time", input, diagnostics, {Type::kTimestamp});
  good = good && time;
  plan.time = time.value_or(0);
  std::vector<Field> fields;
  if (component.has("group_by")) {
    const auto columns = topology::check_columns(component, "group_by", input, diagnostics);
    good = good && columns;
    plan.group_by = columns.value_or(std::vector<size_t>());
    for (const size_t column : plan.group_by)
      fields.push_back(input->field(column));
  }
  fields.push_back({"window_start", Type::kTimestamp, true});
  fields.push_back({"window_end", Type::kTimestamp, true});
  for (const auto& [name, value] : component.map("aggregates")) {
    const auto call = topology::compile_aggregate(value, input, diagnostics);
    good = good && call;
    if (!call)
      continue;
    plan.aggregates.push_back({name, *call});
    // Panes put together may leave int64: then the sum is null.
    fields.push_back({name, call->type(), !call->nullable()});
  }
  if (plan.early_every)
    fields.push_back({"final", Type::kBool, true});
  if (good)
    plan.schema = topology::make_schema(std::move(fields), component.place_of("aggregates"), diagnostics);
  return plan;
}

}  // namespace penstock
