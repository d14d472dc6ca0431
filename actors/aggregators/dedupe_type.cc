#include "actors/aggregators/dedupe.h"
#include "actors/aggregators/event_time.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;

void check_times(const Component& component, Diagnostics& diagnostics) {
  if (component.has("within") && !component.has("time"))
    diagnostics.error(component.place_of("within"), "missing-key",
                      "within needs the column that says when a record was",
                      "give time, or leave within out: then a key passes once for ever");
  if (!component.has("within"))
    for (const char* other : {"time", "idle_timeout"})
      if (component.has(other))
        diagnostics.error(component.place_of(other), "conflict", std::string(other) + " means nothing without within",
                          "give within, or leave it out");
  if (component.has("within") && component.has("retain"))
    diagnostics.error(component.place_of("retain"), "conflict", "within says already for how long a key is kept",
                      "leave retain out");
}

DedupePlan plan_dedupe(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  DedupePlan plan;
  plan.key = topology::check_columns(component, "key", input, diagnostics).value_or(std::vector<size_t>());
  plan.time = read_event_time(component, input, diagnostics);
  if (component.has("within"))
    plan.within = component.duration("within");
  if (component.has("retain"))
    plan.retain = component.duration("retain");
  return plan;
}

topology::Binding bind_dedupe(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = true;
  binding.output = context.inputs[0].schema;
  binding.routing = {topology::Routing::Kind::kExchange, component.texts("key")};
  refuse_changes(component, context, "only the first of each key would pass");
  check_times(component, context.diagnostics);
  (void)plan_dedupe(component, binding.output, context.diagnostics);
  binding.outputs["duplicates"] = binding.output;
  if (component.has("time")) {
    binding.times = {component.text("time")};
    binding.outputs["late"] = binding.output;
  }
  return binding;
}

}  // namespace

topology::ComponentType dedupe_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "dedupe";
  type.summary =
      "Lets the first record of each key pass, for ever or within a time; others go to its output `duplicates`.";
  type.example =
      "once:\n"
      "  type: dedupe\n"
      "  input: shop\n"
      "  key: [event_id]\n"
      "  time: at\n"
      "  within: 1h\n";
  type.properties = {
      {.name = "key",
       .kind = Kind::kList,
       .meaning = "The columns that make a record the same; null is a value like any other.",
       .required = true,
       .minimum = 1,
       .element = Kind::kColumn},
      {.name = "within",
       .kind = Kind::kDuration,
       .meaning = "How near in event time a record must be to one that passed in order to be its duplicate; by default "
                  "however far.",
       .minimum = 0.000001},
      {.name = "retain",
       .kind = Kind::kDuration,
       .meaning =
           "Without within: for how long a key that passed is remembered, by the node's clock; by default for ever.",
       .minimum = 0.001},
  };
  for (topology::Property& property : event_time_properties(false))
    type.properties.push_back(std::move(property));
  type.properties.push_back({.name = "workers",
                             .kind = Kind::kInteger,
                             .meaning = "How many workers share the keys.",
                             .default_value = "1",
                             .minimum = 1,
                             .maximum = 64});
  type.properties.push_back(memory_property("keys"));
  type.outputs = [](const Component& component) {
    std::vector<std::string> names = {"duplicates"};
    if (component.has("within"))
      names.push_back("late");
    return names;
  };
  type.bind = bind_dedupe;
  return type;
}

Result<std::unique_ptr<Aggregator>> make_dedupe(const MakeContext& context) {
  Diagnostics diagnostics;
  return std::unique_ptr<Aggregator>(
      std::make_unique<Dedupe>(plan_dedupe(context.component, context.inputs[0].schema, diagnostics), context.clock));
}

}  // namespace penstock
