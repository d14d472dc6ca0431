#include <algorithm>

#include "actors/aggregators/enrich.h"
#include "actors/aggregators/features.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"
#include "topology/hint.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;
using topology::PropertyValue;

// Keeps the selected features only, in the order of `select`.
void select_features(const Component& component, FeaturePlan& plan, Diagnostics& diagnostics) {
  if (!component.has("select"))
    return;
  std::vector<FeaturePlan::Feature> selected;
  std::vector<std::string> known;
  for (const FeaturePlan::Feature& feature : plan.features)
    known.push_back(feature.name);
  for (const PropertyValue& entry : component.list("select")) {
    const std::string& name = std::get<std::string>(entry.value);
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end())
      diagnostics.error(entry.place, "unknown-feature", component.text("features") + " has no feature \"" + name + "\"",
                        topology::nearest_hint(name, known, "its features are"));
    else
      selected.push_back(plan.features[static_cast<size_t>(found - known.begin())]);
  }
  plan.features = std::move(selected);
}

void check_key(const Component& component, const EnrichPlan& plan, const Schema& rows, const Schema& events,
               Diagnostics& diagnostics) {
  const std::string& features = component.text("features");
  const topology::Place place = component.place_of("key");
  if (plan.key.size() != plan.features.key.size())
    return diagnostics.error(place, "wrong-key",
                             features + " is kept by " + std::to_string(plan.features.key.size()) +
                                 " columns, and here " + std::to_string(plan.key.size()) + " are given",
                             "name the column of the rows for each of its key columns, in their order");
  for (size_t i = 0; i < plan.key.size(); ++i) {
    const Field &own = rows.field(plan.key[i]), &theirs = events.field(plan.features.key[i]);
    if (own.type != theirs.type)
      diagnostics.error(place, "wrong-type",
                        own.name + " is " + std::string(type_name(own.type)) + ", and " + features + " is kept by " +
                            theirs.name + " of type " + std::string(type_name(theirs.type)),
                        "put a map before one of them that casts it");
  }
}

/// Without a schema if anything was wrong.
EnrichPlan plan_enrich(const Component& component, const SchemaPtr& rows, const Component* features,
                       const SchemaPtr& events, Diagnostics& diagnostics) {
  EnrichPlan plan;
  if (!rows || !events || features == nullptr)
    return plan;
  const size_t mistakes = diagnostics.list().size();
  plan.at_arrival = component.text("as_of") == "arrival";
  plan.key = topology::check_columns(component, "key", rows, diagnostics).value_or(std::vector<size_t>());
  const EventTime time = read_event_time(component, rows, diagnostics);
  plan.time = time.time.value_or(0);
  Diagnostics theirs("");  // reported where they are declared
  plan.features = plan_features(*features, events, theirs);
  if (!plan.features.schema || diagnostics.list().size() > mistakes)
    return plan;
  plan.features.time.lateness = time.lateness;
  plan.features.time.idle_timeout = time.idle_timeout;
  plan.features.history = component.duration("history");
  check_key(component, plan, *rows, *events, diagnostics);
  select_features(component, plan.features, diagnostics);
  std::vector<Field> fields = rows->fields();
  const std::string prefix = component.has("prefix") ? component.text("prefix") : "";
  for (const FeaturePlan::Feature& feature : plan.features.features) {
    fields.push_back({prefix + feature.name, feature.call.type(), !feature.call.nullable()});
    if (rows->index_of(prefix + feature.name))
      diagnostics.error(component.place_of("features"), "duplicate-column",
                        "the rows have a column " + prefix + feature.name + " already, as the feature is named",
                        "give a prefix, such as prefix: user_, or rename one of them");
  }
  if (diagnostics.list().size() == mistakes)
    plan.schema = std::make_shared<const Schema>(std::move(fields));
  return plan;
}

topology::Binding bind_enrich(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = true;
  refuse_changes(component, context, "each change would come out as a row of its own");
  const topology::BoundComponent* features = context.component(component.text("features"));
  if (features != nullptr && features->component.type != "features")
    features = nullptr;
  const SchemaPtr events = context.inputs.size() > 1 ? context.inputs[1].schema : nullptr;
  binding.output = plan_enrich(component, context.inputs[0].schema, features ? &features->component : nullptr, events,
                               context.diagnostics)
                       .schema;
  binding.outputs[Enrich::kLate] = context.inputs[0].schema;
  if (!binding.output)
    return binding;
  using topology::Routing;
  binding.routings = {{Routing::Kind::kExchange, component.texts("key")},
                      {Routing::Kind::kExchange, features->component.texts("key")}};
  binding.routing = binding.routings[0];
  binding.times = {component.text("time"), features->component.text("time")};
  binding.timed = true;
  return binding;
}

}  // namespace

topology::ComponentType enrich_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "enrich";
  type.summary = "Gives each row the features of its key as of the row's own time.";
  type.example =
      "seen:\n"
      "  type: features\n"
      "  input: shop\n"
      "  key: [user_id]\n"
      "  time: at\n"
      "  features: {views: count(*)}\n"
      "enriched:\n"
      "  type: enrich\n"
      "  input: events\n"
      "  features: seen\n"
      "  key: [user_id]\n"
      "  time: at\n"
      "  select: [views]\n";
  type.properties = {
      {.name = "features", .kind = Kind::kComponent, .meaning = "The feature store.", .required = true},
      {.name = "key",
       .kind = Kind::kList,
       .meaning = "The columns of the rows that say whose features are meant, one for each key column of the store.",
       .required = true,
       .minimum = 1,
       .element = Kind::kColumn},
      {.name = "select",
       .kind = Kind::kList,
       .meaning = "Which features; default: all.",
       .minimum = 1,
       .element = Kind::kString},
      {.name = "prefix", .kind = Kind::kString, .meaning = "Stands before the features' names in the result."},
      {.name = "as_of",
       .kind = Kind::kChoice,
       .meaning =
           "Whether a row sees its key as of its own event time, for which it waits until the watermark has reached "
           "that, or as it is known when the row arrives.",
       .default_value = "event",
       .choices = {"event", "arrival"}},
      {.name = "history",
       .kind = Kind::kDuration,
       .meaning = "How far behind the watermark a row may be; older ones go to the output `late`.",
       .default_value = "1h",
       .minimum = 0},
  };
  for (topology::Property& property : event_time_properties(true)) {
    if (property.name == "idle_timeout") {
      property.meaning =
          "After so long without a record a partition holds no row back, and neither does an input that has had none.";
      property.default_value = "10s";
    }
    type.properties.push_back(std::move(property));
  }
  type.properties.push_back({.name = "workers",
                             .kind = Kind::kInteger,
                             .meaning = "How many workers share the keys.",
                             .default_value = "1",
                             .minimum = 1,
                             .maximum = 64});
  type.properties.push_back(memory_property("keys"));
  type.input_properties = {std::string("features>") + Features::kEvents};
  type.bind = bind_enrich;
  type.outputs = [](const Component&) { return std::vector<std::string>{Enrich::kLate}; };
  return type;
}

Result<std::unique_ptr<Aggregator>> make_enrich(const MakeContext& context) {
  Diagnostics diagnostics;
  const topology::BoundComponent* features =
      context.topology ? context.topology->find(context.component.text("features")) : nullptr;
  EnrichPlan plan = plan_enrich(context.component, context.inputs[0].schema, features ? &features->component : nullptr,
                                context.inputs.size() > 1 ? context.inputs[1].schema : nullptr, diagnostics);
  if (!plan.schema)
    return internal_error("the enrich " + context.component.id + " was not checked before it was made");
  return std::unique_ptr<Aggregator>(std::make_unique<Enrich>(std::move(plan), context.clock));
}

}  // namespace penstock
