#include "actors/aggregators/experiment_type.h"

#include <algorithm>

#include "actors/components.h"
#include "actors/sources/impressions.h"
#include "core/nearest.h"
#include "topology/bind_helpers.h"
#include "topology/plan.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;
using topology::Property;
using topology::PropertyValue;

std::optional<sql::Expression> compile(const PropertyValue& group, std::string_view member,
                                       std::initializer_list<Type> allowed, const SchemaPtr& schema,
                                       Diagnostics& diagnostics) {
  const PropertyValue* value = group.find(member);
  if (value == nullptr || !schema)
    return std::nullopt;
  auto expression = topology::compile_expression(*value, schema, diagnostics);
  if (expression && std::find(allowed.begin(), allowed.end(), expression->type()) == allowed.end()) {
    std::string types;
    for (const Type type : allowed)
      types += (types.empty() ? "" : " or ") + std::string(type_name(type));
    diagnostics.error(value->place, "wrong-type",
                      std::string(member) + " is of type " + std::string(type_name(expression->type())),
                      "it must be of type " + types);
    return std::nullopt;
  }
  return expression;
}

void check_variants(const Component& component, const topology::BindContext& context) {
  for (const auto& [name, variant] : component.map("variants")) {
    const PropertyValue* model = variant.find("model");
    if (model == nullptr)
      continue;  // was reported
    const auto& id = std::get<std::string>(model->value);
    const topology::BoundComponent* named = context.component(id);
    const topology::Role role = named == nullptr ? topology::Role::kSource : named->component.role;
    if (named == nullptr)
      context.diagnostics.error(model->place, "unknown-component", "there is no model or recommender \"" + id + "\"",
                                "a variant names what answers its users");
    else if ((role != topology::Role::kModel || named->binding.online) && role != topology::Role::kRecommender)
      context.diagnostics.error(model->place, "wrong-value",
                                id + " is a " + std::string(topology::role_name(role)) + " of type " +
                                    named->component.type + ", which recommends nothing",
                                "a variant names a model that recommends, or a recommender");
  }
  double shares = 0;
  for (const ExperimentPlan::Variant& variant : plan_experiment(component, nullptr, context.diagnostics).variants)
    shares += variant.share;
  if (shares <= 0)
    context.diagnostics.error(component.place_of("variants"), "wrong-value", "all shares are 0", "give one a share");
}

topology::Binding bind_experiment(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = binding.is_view = true;
  binding.key = {"variant"};
  binding.output = Experiment::view_schema();
  binding.routing = {topology::Routing::Kind::kExchange, {}};
  check_impressions(component, "impressions", context);
  check_variants(component, context);
  for (const ExperimentPlan::Variant& variant : plan_experiment(component, nullptr, context.diagnostics).variants)
    binding.asks.push_back(variant.model);
  const topology::Input* outcomes = context.inputs.size() < 2 ? nullptr : &context.inputs[1];
  if (outcomes == nullptr || !outcomes->schema)
    return binding;
  const topology::Place place = component.find("outcome")->find("input")->place;
  if (outcomes->is_view || !outcomes->key.empty())
    context.diagnostics.error(place, "view-input",
                              outcomes->id + " holds changes of a view, and an experiment would count each of them",
                              "read the rows that the view is made from");
  if (*outcomes->schema == *impressions_schema())
    context.diagnostics.error(place, "bad-input", "impressions say what was shown, not what came of it",
                              "name the stream of clicks or purchases");
  (void)plan_experiment(component, outcomes->schema, context.diagnostics);
  return binding;
}

std::vector<Property> properties() {
  const std::vector<Property> variant = {
      {.name = "model", .kind = Kind::kString, .meaning = "The model or recommender that answers.", .required = true},
      {.name = "share",
       .kind = Kind::kNumber,
       .meaning = "Of the users, in proportion to the other shares.",
       .default_value = "1",
       .minimum = 0,
       .maximum = 1e6},
  };
  const std::vector<Property> outcome = {
      {.name = "input", .kind = Kind::kString, .meaning = "The stream of outcomes.", .required = true},
      {.name = "user",
       .kind = Kind::kExpression,
       .meaning = "Whose outcome: int64 or string; null: nobody's.",
       .required = true},
      {.name = "item",
       .kind = Kind::kExpression,
       .meaning = "Of which item: only what was shown then counts. Default: anything the user does counts."},
      {.name = "value", .kind = Kind::kExpression, .meaning = "A number; null: no outcome.", .default_value = "1"},
      {.name = "time", .kind = Kind::kExpression, .meaning = "When; default: the time of intake."},
      {.name = "within",
       .kind = Kind::kDuration,
       .meaning = "How long after an impression an outcome counts for it.",
       .default_value = "1d",
       .minimum = 0.001},
  };
  return {
      {.name = "variants",
       .kind = Kind::kMap,
       .meaning = "What answers which part of the users; the first one is what the others are compared with.",
       .required = true,
       .minimum = 2,
       .maximum = 20,
       .element = Kind::kGroup,
       .members = variant,
       .scalar = "model"},
      {.name = "impressions",
       .kind = Kind::kString,
       .meaning = "The source of type impressions into which answers are noted.",
       .required = true},
      {.name = "outcome",
       .kind = Kind::kGroup,
       .meaning = "What counts as success.",
       .required = true,
       .members = outcome},
      {.name = "salt",
       .kind = Kind::kString,
       .meaning =
           "What users are assigned by, beside their id; default: the experiment's name. Another one draws anew."},
  };
}

}  // namespace

ExperimentPlan plan_experiment(const Component& component, const SchemaPtr& outcomes, Diagnostics& diagnostics) {
  ExperimentPlan plan;
  plan.id = component.id;
  plan.outcomes = outcomes;
  plan.impressions = component.text("impressions");
  for (const auto& [name, declared] : component.map("variants")) {
    ExperimentPlan::Variant& variant = plan.variants.emplace_back();
    variant.name = name;
    if (const PropertyValue* model = declared.find("model"))
      variant.model = std::get<std::string>(model->value);
    if (const PropertyValue* share = declared.find("share"))
      variant.share = std::get<double>(share->value);
  }
  const PropertyValue& outcome = *component.find("outcome");
  plan.user = compile(outcome, "user", {Type::kInt64, Type::kString}, outcomes, diagnostics);
  plan.item = compile(outcome, "item", {Type::kInt64, Type::kString}, outcomes, diagnostics);
  plan.value = compile(outcome, "value", {Type::kInt64, Type::kFloat64}, outcomes, diagnostics);
  plan.time = compile(outcome, "time", {Type::kTimestamp}, outcomes, diagnostics);
  if (const PropertyValue* within = outcome.find("within"))
    plan.within = std::get<Duration>(within->value);
  return plan;
}

topology::ComponentType experiment_type() {
  topology::ComponentType type;
  type.role = topology::Role::kExperiment;
  type.name = "ab";
  type.summary = "Parts users among several models or recommenders, and measures which does best.";
  type.example =
      "homepage:\n"
      "  type: ab\n"
      "  variants: {control: popular, personal: {model: taste, share: 1}}\n"
      "  impressions: shown\n"
      "  outcome: {input: purchases, user: user_id, item: item_id, value: price, within: 1d}\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = properties();
  type.input_properties = {"impressions", "outcome.input"};
  type.bind = bind_experiment;
  return type;
}

Result<std::unique_ptr<Aggregator>> make_experiment(const MakeContext& context) {
  Diagnostics ignored("");
  return std::unique_ptr<Aggregator>(
      std::make_unique<Experiment>(plan_experiment(context.component, context.inputs[1].schema, ignored)));
}

}  // namespace penstock
