#include "actors/aggregators/await_ack.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Input;
using topology::Kind;

SchemaPtr with(const SchemaPtr& records, const char* attempt, const char* when, const Component& component,
               Diagnostics& diagnostics) {
  std::vector<Field> fields = records->fields();
  fields.push_back({attempt, Type::kInt64, true});
  fields.push_back({when, Type::kTimestamp, true});
  return topology::make_schema(std::move(fields), component.place, diagnostics);
}

/// The two columns that hold the id; reported if they do not fit together.
bool plan_ids(const Component& component, const std::vector<Input>& inputs, AwaitAckPlan& plan,
              Diagnostics& diagnostics) {
  static constexpr const char* kMember[] = {"records", "acknowledgements"};
  bool good = true;
  for (const size_t input : {AwaitAckPlan::kRecords, AwaitAckPlan::kAcknowledgements}) {
    const topology::PropertyValue& name = *component.find("correlation")->find(kMember[input]);
    const auto column =
        topology::check_column(std::get<std::string>(name.value), name.place, inputs[input].schema, diagnostics);
    good = good && column;
    plan.id[input] = column.value_or(0);
  }
  if (!good)
    return false;
  const Field& record = plan.records->field(plan.id[0]);
  const Field& acknowledgement = plan.acknowledgements->field(plan.id[1]);
  if (record.type == acknowledgement.type)
    return true;
  diagnostics.error(component.place_of("correlation"), "wrong-type",
                    record.name + " is " + std::string(type_name(record.type)) + ", and " + acknowledgement.name +
                        " of the acknowledgements is " + std::string(type_name(acknowledgement.type)),
                    "make them the same with a map before this stage");
  return false;
}

/// Without schemas of the outputs if anything was wrong.
AwaitAckPlan plan_await_ack(const Component& component, const std::vector<Input>& inputs, Diagnostics& diagnostics) {
  AwaitAckPlan plan;
  plan.records = inputs[AwaitAckPlan::kRecords].schema;
  plan.acknowledgements = inputs[AwaitAckPlan::kAcknowledgements].schema;
  plan.retry_after = component.duration("retry_after");
  plan.backoff = component.number("backoff");
  plan.expire_after = component.duration("expire_after");
  plan.retry_at_most = component.has("retry_at_most") ? component.duration("retry_at_most") : plan.expire_after;
  plan.remember = component.has("remember") ? component.duration("remember") : plan.expire_after;
  plan.dead_letters = component.flag("dead_letters");
  if (component.has("retry_at_most") && plan.retry_at_most < plan.retry_after)
    diagnostics.error(component.place_of("retry_at_most"), "out-of-bounds", "retry_at_most is shorter than retry_after",
                      "give at least " + to_string(plan.retry_after));
  if (!plan.records || !plan.acknowledgements || !plan_ids(component, inputs, plan, diagnostics))
    return plan;
  plan.sent = with(plan.records, "attempt", "sent_at", component, diagnostics);
  plan.acknowledged = with(plan.records, "attempts", "acknowledged_at", component, diagnostics);
  plan.expired = with(plan.records, "attempts", "expired_at", component, diagnostics);
  return plan;
}

topology::Binding bind_await_ack(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = binding.is_view = binding.emits_records = binding.timed = true;
  const AwaitAckPlan plan = plan_await_ack(component, context.inputs, context.diagnostics);
  refuse_changes(component, context, "each change would be sent");
  if (!plan.sent || !plan.acknowledged || !plan.expired)
    return binding;
  const std::string& id = plan.records->field(plan.id[0]).name;
  binding.key = {id};
  binding.routing = {topology::Routing::Kind::kExchange, {id}};
  binding.routings = {binding.routing,
                      {topology::Routing::Kind::kExchange, {plan.acknowledgements->field(plan.id[1]).name}}};
  binding.output = plan.sent;
  binding.outputs = {{"acknowledged", plan.acknowledged},
                     {"expired", plan.expired},
                     {"duplicates", plan.records},
                     {"unknown", plan.acknowledgements}};
  return binding;
}

std::vector<topology::Property> await_ack_properties() {
  return {
      {.name = "correlation",
       .kind = Kind::kGroup,
       .meaning = "The columns by which records and acknowledgements belong together.",
       .required = true,
       .members =
           {{.name = "records", .kind = Kind::kColumn, .meaning = "The column of the records.", .required = true},
            {.name = "acknowledgements",
             .kind = Kind::kColumn,
             .meaning = "The column of the acknowledgements.",
             .required = true}}},
      {.name = "retry_after",
       .kind = Kind::kDuration,
       .meaning = "How long after it was sent first a record is sent again.",
       .default_value = "10s",
       .minimum = 0.001},
      {.name = "backoff",
       .kind = Kind::kNumber,
       .meaning = "By which factor each wait is longer than the one before.",
       .default_value = "2",
       .minimum = 1,
       .maximum = 100},
      {.name = "retry_at_most",
       .kind = Kind::kDuration,
       .meaning = "The longest wait; by default there is none.",
       .minimum = 0.001},
      {.name = "expire_after",
       .kind = Kind::kDuration,
       .meaning = "How long after it came a record without an acknowledgement is given up.",
       .default_value = "1h",
       .minimum = 0.001},
      {.name = "remember",
       .kind = Kind::kDuration,
       .meaning =
           "For how long an id that has ended is known, and an acknowledgement waits for its record; by default as "
           "long as expire_after.",
       .minimum = 0.001},
      {.name = "dead_letters",
       .kind = Kind::kBool,
       .meaning = "Whether records that expire go to the dead letters too, with the reason.",
       .default_value = "true"},
      {.name = "workers",
       .kind = Kind::kInteger,
       .meaning = "How many workers share the ids.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 64},
      memory_property("records that wait"),
  };
}

}  // namespace

topology::ComponentType await_ack_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "await_ack";
  type.summary = "Hands each record on again and again until its acknowledgement has come, or its time is over.";
  type.example =
      "offers:\n"
      "  type: await_ack\n"
      "  inputs: [shop, events]    # records, acknowledgements\n"
      "  correlation: {records: event_id, acknowledgements: event_id}\n"
      "  retry_after: 10s\n"
      "  expire_after: 1h\n";
  type.min_inputs = type.max_inputs = 2;
  type.properties = await_ack_properties();
  type.outputs = [](const Component&) {
    return std::vector<std::string>{"acknowledged", "expired", "duplicates", "unknown"};
  };
  type.bind = bind_await_ack;
  return type;
}

Result<std::unique_ptr<Aggregator>> make_await_ack(const MakeContext& context) {
  Diagnostics diagnostics;
  AwaitAckPlan plan = plan_await_ack(context.component, context.inputs, diagnostics);
  if (!plan.sent || !plan.acknowledged || !plan.expired)
    return internal_error("the await_ack " + context.component.id + " was not checked before it was made");
  return std::unique_ptr<Aggregator>(std::make_unique<AwaitAck>(std::move(plan), context.clock));
}

}  // namespace penstock
