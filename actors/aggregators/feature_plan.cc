#include "actors/aggregators/feature_plan.h"

#include <algorithm>

#include "topology/bind_helpers.h"

namespace penstock {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;
using topology::PropertyValue;

int64_t FeaturePlan::keep() const {
  int64_t longest = 0;
  for (const Feature& feature : features)
    longest = std::max(longest, feature.within.value_or(Duration{0}).micros);
  return history.micros + longest + resolution.micros;
}

int64_t FeaturePlan::counts_at(int64_t at) const {
  const int64_t slice = resolution.micros;
  const int64_t into = ((at % slice) + slice) % slice;
  int64_t out;
  return __builtin_add_overflow(at, slice - 1 - into, &out) ? INT64_MAX : out;
}

std::vector<topology::Property> feature_plan_properties() {
  return {
      {.name = "key",
       .kind = Kind::kList,
       .meaning = "The columns that say whose event it is: of whom the features tell.",
       .required = true,
       .minimum = 1,
       .element = Kind::kColumn},
      {.name = "features",
       .kind = Kind::kMap,
       .meaning =
           "Aggregates of the key's events by the name of their column, as in reduce; count_by(x) counts each value "
           "of x. first and last go by event time.",
       .required = true,
       .minimum = 1,
       .element = Kind::kGroup,
       .members = {{.name = "value", .kind = Kind::kExpression, .meaning = "The aggregate.", .required = true},
                   {.name = "within",
                    .kind = Kind::kDuration,
                    .meaning = "Only of events so near before the time that is asked for; default: of all.",
                    .minimum = 0.000001}},
       .scalar = "value"},
      {.name = "ttl",
       .kind = Kind::kDuration,
       .meaning =
           "A key without events for so long has no features any more; an event after that begins anew. Default: "
           "never.",
       .minimum = 0.001},
      {.name = "history",
       .kind = Kind::kDuration,
       .meaning =
           "How far back values can be asked for, and how late an event may come: each event is kept for so long.",
       .default_value = "1h",
       .minimum = 0},
      {.name = "resolution",
       .kind = Kind::kDuration,
       .meaning = "Events of the same slice of time are kept as one, and count from the end of the slice on: less "
                  "state for keys with many events. Default: each time for itself.",
       .default_value = "1us",
       .minimum = 0.000001},
  };
}

FeaturePlan plan_features(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  FeaturePlan plan;
  const size_t mistakes = diagnostics.list().size();
  plan.time = read_event_time(component, input, diagnostics);
  if (component.has("ttl"))
    plan.ttl = component.duration("ttl");
  plan.history = component.duration("history");
  plan.resolution = component.duration("resolution");
  if (!input)
    return plan;
  plan.key = topology::check_columns(component, "key", input, diagnostics).value_or(std::vector<size_t>());
  std::vector<Field> fields;
  for (const size_t column : plan.key)
    fields.push_back(input->field(column));
  for (const auto& [name, entry] : component.map("features")) {
    const auto call = topology::compile_aggregate(*entry.find("value"), input, diagnostics);
    if (!call)
      continue;
    plan.features.push_back({name, *call});
    if (const PropertyValue* within = entry.find("within"))
      plan.features.back().within = std::get<Duration>(within->value);
    fields.push_back({name, call->type(), !call->nullable()});
  }
  if (diagnostics.list().size() == mistakes)
    plan.schema = topology::make_schema(std::move(fields), component.place_of("features"), diagnostics);
  return plan;
}

}  // namespace penstock
