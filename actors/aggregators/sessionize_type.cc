#include "actors/aggregators/sessionize.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;

constexpr int64_t kMostItems = 100'000;

void plan_first(const Component& component, const SchemaPtr& input, SessionizePlan& plan, std::vector<Field>& fields,
                Diagnostics& diagnostics) {
  if (!component.has("first"))
    return;
  std::vector<Field> own;
  for (const auto& [name, value] : component.map("first"))
    if (const auto expression = topology::compile_expression(value, input, diagnostics)) {
      plan.first.push_back(*expression);
      own.push_back({name, expression->type(), false});
    }
  plan.first_schema = std::make_shared<const Schema>(own);
  fields.insert(fields.end(), own.begin(), own.end());
}

void plan_lists(const Component& component, const SchemaPtr& input, SessionizePlan& plan, std::vector<Field>& fields,
                Diagnostics& diagnostics) {
  if (component.has("collect"))
    for (const auto& [name, entry] : component.map("collect"))
      if (const auto expression = topology::compile_expression(*entry.find("value"), input, diagnostics)) {
        plan.collect.push_back({*expression, std::get<bool>(entry.find("distinct")->value),
                                static_cast<size_t>(std::get<int64_t>(entry.find("limit")->value))});
        fields.push_back({name, Type::kJson, true});
      }
  if (component.has("aggregates"))
    for (const auto& [name, value] : component.map("aggregates"))
      if (const auto call = topology::compile_aggregate(value, input, diagnostics)) {
        plan.aggregates.emplace_back(name, *call);
        fields.push_back({name, call->type(), !call->nullable()});
      }
}

/// Without a schema if anything was wrong.
SessionizePlan plan_sessionize(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  SessionizePlan plan;
  const size_t mistakes = diagnostics.list().size();
  const auto session = topology::check_column(component, "session", input, diagnostics);
  plan.time = read_event_time(component, input, diagnostics);
  plan.timeout = component.duration("timeout").micros;
  if (component.text("late") == "reopen")
    plan.kept = component.has("reopen_within") ? component.duration("reopen_within").micros : 3'600'000'000;
  else if (component.has("reopen_within"))
    diagnostics.error(component.place_of("reopen_within"), "conflict", "nothing is reopened without late: reopen",
                      "write late: reopen, or leave reopen_within out");
  if (!input || !session)
    return plan;
  plan.session = *session;
  std::vector<Field> fields = {input->field(*session)};
  fields[0].required = true;
  plan_first(component, input, plan, fields, diagnostics);
  fields.push_back({"is_active", Type::kBool, true});
  fields.push_back({"session_start", Type::kTimestamp, true});
  fields.push_back({"last_update", Type::kTimestamp, true});
  plan_lists(component, input, plan, fields, diagnostics);
  fields.push_back({"version", Type::kInt64, true});
  if (diagnostics.list().size() == mistakes)
    plan.schema = topology::make_schema(std::move(fields), component.place, diagnostics);
  return plan;
}

topology::Binding bind_sessionize(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = binding.is_view = binding.emits_records = true;
  binding.key = {component.text("session")};
  binding.routing = {topology::Routing::Kind::kExchange, binding.key};
  binding.times = {component.text("time")};
  binding.timed = component.has("idle_timeout");
  refuse_changes(component, context, "each change would be another event of its session");
  binding.output = plan_sessionize(component, context.inputs[0].schema, context.diagnostics).schema;
  binding.outputs = {{"updates", binding.output}, {"late", context.inputs[0].schema}};
  return binding;
}

std::vector<topology::Property> sessionize_properties() {
  std::vector<topology::Property> properties = {
      {.name = "session", .kind = Kind::kColumn, .meaning = "The column with the session's id.", .required = true}};
  for (topology::Property& property : event_time_properties(true))
    properties.push_back(std::move(property));
  const std::vector<topology::Property> own = {
      {.name = "timeout",
       .kind = Kind::kDuration,
       .meaning = "A session is over when so much event time has passed without an event of it.",
       .default_value = "30m",
       .minimum = 0.001},
      {.name = "first",
       .kind = Kind::kMap,
       .meaning = "Columns of the document with the value of the session's earliest event that has one.",
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "collect",
       .kind = Kind::kMap,
       .meaning = "Columns of the document with a JSON list of the values of the session's events, in order of time.",
       .minimum = 1,
       .element = Kind::kGroup,
       .members = {{.name = "value",
                    .kind = Kind::kExpression,
                    .meaning = "What is collected; null is passed over.",
                    .required = true},
                   {.name = "distinct",
                    .kind = Kind::kBool,
                    .meaning = "Whether a value stands there once only, at its latest time.",
                    .default_value = "false"},
                   {.name = "limit",
                    .kind = Kind::kInteger,
                    .meaning = "How many values are kept, the latest ones.",
                    .default_value = "1000",
                    .minimum = 1,
                    .maximum = kMostItems}},
       .scalar = "value"},
      {.name = "aggregates",
       .kind = Kind::kMap,
       .meaning = "Columns of the document with aggregates of the session's events, as in reduce.",
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "late",
       .kind = Kind::kChoice,
       .meaning =
           "What becomes of an event whose session is over: it goes to the output `late`, or reopens the session.",
       .default_value = "output",
       .choices = {"output", "reopen"}},
      {.name = "reopen_within",
       .kind = Kind::kDuration,
       .meaning = "With late: reopen, for how long (of event time) a closed session is kept for that; 1h by default.",
       .minimum = 0.001},
      {.name = "workers",
       .kind = Kind::kInteger,
       .meaning = "How many workers share the sessions.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 64},
      memory_property("sessions"),
  };
  properties.insert(properties.end(), own.begin(), own.end());
  return properties;
}

}  // namespace

topology::ComponentType sessionize_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "sessionize";
  type.summary = "Keeps a document for each session of events, and hands it on when the session is over.";
  type.example =
      "sessions:\n"
      "  type: sessionize\n"
      "  input: shop\n"
      "  session: user_id\n"
      "  time: at\n"
      "  timeout: 30m\n"
      "  first: {came_for: category}\n"
      "  collect:\n"
      "    items_viewed: {value: \"CASE WHEN event = 'view' THEN item_id END\", distinct: true, limit: 50}\n"
      "  aggregates: {events: count(*)}\n"
      "  idle_timeout: 1m\n";
  type.properties = sessionize_properties();
  type.outputs = [](const Component&) { return std::vector<std::string>{"updates", "late"}; };
  type.bind = bind_sessionize;
  return type;
}

Result<std::unique_ptr<Aggregator>> make_sessionize(const MakeContext& context) {
  Diagnostics diagnostics;
  SessionizePlan plan = plan_sessionize(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.schema)
    return internal_error("the sessionize " + context.component.id + " was not checked before it was made");
  return std::unique_ptr<Aggregator>(std::make_unique<Sessionize>(std::move(plan), context.clock));
}

}  // namespace penstock
