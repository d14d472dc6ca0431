#include "actors/aggregators/features.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;

topology::Binding bind_features(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = true;
  binding.is_view = true;
  binding.key = component.texts("key");
  binding.routing = {topology::Routing::Kind::kExchange, binding.key};
  binding.times = {component.text("time")};
  binding.timed = component.has("idle_timeout");
  refuse_changes(component, context, "features would count each change again");
  binding.output = plan_features(component, context.inputs[0].schema, context.diagnostics).schema;
  binding.outputs[Features::kEvents] = context.inputs[0].schema;
  binding.outputs[Features::kLate] = context.inputs[0].schema;
  return binding;
}

}  // namespace

topology::ComponentType features_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "features";
  type.summary =
      "A feature store: aggregates of each key's events as of now and as of any time of its history; the result is a "
      "view.";
  type.example =
      "user_features:\n"
      "  type: features\n"
      "  input: shop\n"
      "  key: [user_id]\n"
      "  time: at\n"
      "  features:\n"
      "    views: count(*) FILTER (WHERE event = 'view')\n"
      "    per_category: count_by(category)\n"
      "    this_week: {value: count(*), within: 7d}\n"
      "    last_seen: max(at)\n"
      "  ttl: 30d\n"
      "  history: 90d\n";
  type.properties = feature_plan_properties();
  for (topology::Property& property : event_time_properties(true))
    type.properties.push_back(std::move(property));
  type.properties.push_back({.name = "workers",
                             .kind = Kind::kInteger,
                             .meaning = "How many workers share the keys.",
                             .default_value = "1",
                             .minimum = 1,
                             .maximum = 64});
  type.properties.push_back(memory_property("keys"));
  type.bind = bind_features;
  type.outputs = [](const Component&) { return std::vector<std::string>{Features::kEvents, Features::kLate}; };
  return type;
}

Result<std::unique_ptr<Aggregator>> make_feature_store(const MakeContext& context) {
  Diagnostics diagnostics;
  FeaturePlan plan = plan_features(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.schema)
    return internal_error("the features " + context.component.id + " were not checked before they were made");
  return std::unique_ptr<Aggregator>(std::make_unique<Features>(std::move(plan), context.clock));
}

}  // namespace penstock
