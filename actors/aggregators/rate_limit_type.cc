#include "actors/aggregators/rate_limit.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;

RateLimitPlan plan_rate_limit(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  RateLimitPlan plan;
  plan.rows = component.integer("rows");
  plan.per = component.duration("per").micros;
  plan.burst = component.has("burst") ? component.integer("burst") : plan.rows;
  if (component.has("by"))
    plan.by = topology::check_columns(component, "by", input, diagnostics).value_or(std::vector<size_t>());
  plan.time = topology::check_column(component, "time", input, diagnostics, {Type::kTimestamp}).value_or(0);
  return plan;
}

topology::Binding bind_rate_limit(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = true;
  const std::vector<std::string> by = component.has("by") ? component.texts("by") : std::vector<std::string>{};
  binding.routing = {topology::Routing::Kind::kExchange, by};
  if (by.empty() && component.integer("workers") > 1)
    context.diagnostics.error(component.place_of("workers"), "wrong-value",
                              "without `by` all rows share one bucket, which only one worker can hold",
                              "leave workers out, or give by");
  refuse_changes(component, context, "a change that is held back would leave an older row in its place");
  binding.output = context.inputs[0].schema;
  (void)plan_rate_limit(component, binding.output, context.diagnostics);
  binding.outputs["limited"] = binding.output;
  return binding;
}

}  // namespace

topology::ComponentType rate_limit_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "rate_limit";
  type.summary = "Lets so many rows of each key through in a time; the rows beyond go to the output `limited`.";
  type.example =
      "calm:\n"
      "  type: rate_limit\n"
      "  input: shop\n"
      "  time: at\n"
      "  rows: 100\n"
      "  per: 1s\n"
      "  by: [user_id]\n"
      "too_much:\n"
      "  type: reduce\n"
      "  input: calm.limited\n"
      "  group_by: [user_id]\n"
      "  aggregates: {rows: count(*)}\n";
  type.properties = {
      {.name = "time",
       .kind = Kind::kColumn,
       .meaning = "The event time, by which the limit counts; a row without one is rejected.",
       .required = true},
      {.name = "rows",
       .kind = Kind::kInteger,
       .meaning = "How many rows are let through in each `per`.",
       .required = true,
       .minimum = 1,
       .maximum = 1'000'000,
       .unit = "rows"},
      {.name = "per",
       .kind = Kind::kDuration,
       .meaning = "The time for `rows` rows.",
       .default_value = "1s",
       .minimum = 0.000001,
       .maximum = 30 * 86400.0},
      {.name = "burst",
       .kind = Kind::kInteger,
       .meaning = "How many may come at once after a rest; default: `rows`.",
       .minimum = 1,
       .maximum = 1'000'000,
       .unit = "rows"},
      {.name = "by",
       .kind = Kind::kList,
       .meaning =
           "The key columns, each combination of values with a limit of its own; default: one limit for all rows.",
       .minimum = 1,
       .element = Kind::kColumn},
      {.name = "workers",
       .kind = Kind::kInteger,
       .meaning = "How many workers share the keys.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 64},
      memory_property("keys"),
  };
  type.bind = bind_rate_limit;
  type.outputs = [](const Component&) { return std::vector<std::string>{"limited"}; };
  return type;
}

Result<std::unique_ptr<Aggregator>> make_rate_limit(const MakeContext& context) {
  Diagnostics diagnostics;
  return std::unique_ptr<Aggregator>(
      std::make_unique<RateLimit>(plan_rate_limit(context.component, context.inputs[0].schema, diagnostics)));
}

}  // namespace penstock
