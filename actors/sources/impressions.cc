#include "actors/sources/impressions.h"

#include "actors/sources/log_properties.h"
#include "topology/plan.h"

namespace penstock {

const SchemaPtr& impressions_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{
      {"impression", Type::kString, true},
      {"at", Type::kTimestamp, true},
      {"user", Type::kString, false},
      {"item", Type::kString, true},
      {"position", Type::kInt64, true},
      {"score", Type::kFloat64, false},
      {"strategy", Type::kString, false},
      {"model", Type::kString, false},
      {"model_version", Type::kInt64, false},
      {"recommender", Type::kString, false},
      {"experiment", Type::kString, false},
      {"variant", Type::kString, false},
      {"propensity", Type::kFloat64, false},
      {"context", Type::kJson, false},
  });
  return schema;
}

topology::ComponentType impressions_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSource;
  type.name = kImpressionsType;
  type.summary = "What the node has shown to whom, noted by itself: a record for each item of an answer or choice.";
  type.example =
      "shown:\n"
      "  type: impressions\n"
      "  retain_for: 90d\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = log_properties();
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = impressions_schema();
    check_log(component, binding.output, context.diagnostics);
    return binding;
  };
  return type;
}

topology::Property impressions_property() {
  return {.name = "impressions",
          .kind = topology::Kind::kComponent,
          .meaning = "The source of type impressions into which answers are noted; default: none."};
}

void check_impressions(const topology::Component& component, std::string_view property,
                       const topology::BindContext& context) {
  if (!component.has(property))
    return;
  const topology::BoundComponent* named = context.component(component.text(property));
  if (named == nullptr ||
      (named->component.role == topology::Role::kSource && named->component.type == kImpressionsType))
    return;  // an unknown name was reported before
  context.diagnostics.error(component.place_of(property), "wrong-value",
                            named->component.id + " is no log of impressions",
                            "declare `shown: {type: impressions}` under sources: and name it here");
}

}  // namespace penstock
