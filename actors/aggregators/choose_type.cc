#include "actors/aggregators/bandit_type.h"
#include "actors/aggregators/choose.h"
#include "actors/components.h"
#include "actors/sources/impressions.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Input;
using topology::Kind;
using topology::Property;

void plan_arms(const Component& component, const SchemaPtr& rows, ChoosePlan& plan, Diagnostics& diagnostics) {
  for (const auto& [name, where] : component.map("arms")) {
    const auto condition = topology::compile_expression(where, rows, diagnostics);
    if (condition && condition->type() != Type::kBool)
      diagnostics.error(
          where.place, "wrong-type",
          "the condition of an arm must be bool, but this expression is " + std::string(type_name(condition->type())),
          "compare it with something, as in `percent >= 10`; true is always so");
    else if (condition)
      plan.arms.push_back({name, {*condition}});
    plan.bandit.arms.push_back(name);
  }
}

void plan_features(const Component& component, const SchemaPtr& rows, ChoosePlan& plan, Diagnostics& diagnostics) {
  const std::vector<ContextFeature>& features = plan.bandit.context.features();
  for (size_t i = 0; i < features.size(); ++i) {
    const topology::Place place = component.list("features")[i].place;
    const auto column = features[i].kind == ContextFeature::Kind::kNumeric
                            ? topology::check_column(features[i].name, place, rows, diagnostics,
                                                     {Type::kInt64, Type::kFloat64, Type::kBool})
                            : topology::check_column(features[i].name, place, rows, diagnostics,
                                                     {Type::kInt64, Type::kFloat64, Type::kBool, Type::kString});
    plan.features.push_back(column.value_or(0));
  }
}

void plan_decision(const Component& component, const std::vector<Input>& inputs, ChoosePlan& plan,
                   Diagnostics& diagnostics) {
  const topology::PropertyValue& own = *component.find("decision")->find("rows");
  const topology::PropertyValue& theirs = *component.find("decision")->find("outcomes");
  const auto column =
      topology::check_column(std::get<std::string>(own.value), own.place, inputs[ChoosePlan::kRows].schema, diagnostics,
                             {Type::kInt64, Type::kString});
  plan.decision = column.value_or(0);
  const SchemaPtr& outcomes = inputs[ChoosePlan::kOutcomes].schema;
  const std::string& name = std::get<std::string>(theirs.value);
  if (topology::check_column(name, theirs.place, outcomes, diagnostics, {Type::kInt64, Type::kString}))
    plan.bandit.decision = topology::compile_expression(theirs, outcomes, diagnostics);
}

/// Without an output schema if anything was wrong.
ChoosePlan plan_choose(const Component& component, const std::vector<Input>& inputs, Diagnostics& diagnostics) {
  const SchemaPtr& rows = inputs[ChoosePlan::kRows].schema;
  const SchemaPtr& outcomes = inputs[ChoosePlan::kOutcomes].schema;
  ChoosePlan plan;
  if (!rows || !outcomes)
    return plan;
  const size_t mistakes = diagnostics.list().size();
  plan.bandit = plan_policy(component);
  plan.bandit.outcomes = outcomes;
  plan.bandit.reward = topology::compile_expression(component, "reward", {Type::kInt64, Type::kFloat64, Type::kBool},
                                                    outcomes, diagnostics);
  check_context(component, plan.bandit, diagnostics);
  plan_arms(component, rows, plan, diagnostics);
  plan_features(component, rows, plan, diagnostics);
  plan_decision(component, inputs, plan, diagnostics);
  if (*outcomes == *impressions_schema())
    diagnostics.error(component.input_places[ChoosePlan::kOutcomes], "bad-input",
                      "impressions say what was shown, not what came of it", "read the stream of outcomes");
  std::vector<Field> fields = rows->fields();
  fields.push_back({"arm", Type::kString, true});
  fields.push_back({"propensity", Type::kFloat64, true});
  fields.push_back({"context", Type::kJson, true});
  if (!diagnostics.any_errors() || diagnostics.list().size() == mistakes)
    plan.output = topology::make_schema(std::move(fields), component.place, diagnostics);
  return plan;
}

topology::Binding bind_choose(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = binding.is_view = binding.emits_records = true;
  binding.key = {"arm"};
  refuse_changes(component, context, "there would be a choice for each change");
  if (holds_changes(context.inputs[ChoosePlan::kOutcomes]))
    context.diagnostics.error(component.input_places[ChoosePlan::kOutcomes], "bad-input",
                              context.inputs[ChoosePlan::kOutcomes].id +
                                  " holds changes of a view; each of them would be learnt as an outcome",
                              "read the stream of outcomes itself");
  binding.output = plan_choose(component, context.inputs, context.diagnostics).output;
  binding.outputs[ChoosePlan::kNone] = context.inputs[ChoosePlan::kRows].schema;
  binding.routing = {topology::Routing::Kind::kExchange, {}};
  return binding;
}

}  // namespace

topology::ComponentType choose_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "choose";
  type.summary =
      "Gives each row the best of several arms for it, by a bandit that learns from what its choices earned.";
  type.example =
      "offered:\n"
      "  type: choose\n"
      "  inputs: [shop, events]      # rows, outcomes\n"
      "  decision: {rows: event_id, outcomes: event_id}\n"
      "  arms: {small: \"true\", large: price > 100}\n"
      "  features: [{name: price, scale: 100}]\n"
      "  policy: linear_thompson\n";
  type.min_inputs = type.max_inputs = 2;
  type.properties = {
      {.name = "decision",
       .kind = Kind::kGroup,
       .meaning = "The columns by which a row and the outcome of its choice belong together.",
       .required = true,
       .members =
           {{.name = "rows", .kind = Kind::kColumn, .meaning = "The column of the rows.", .required = true},
            {.name = "outcomes", .kind = Kind::kColumn, .meaning = "The column of the outcomes.", .required = true}}},
      {.name = "arms",
       .kind = Kind::kMap,
       .meaning = "Of which to choose: for each arm the condition under which a row may have it.",
       .required = true,
       .minimum = 1,
       .maximum = 1000,
       .element = Kind::kExpression},
      {.name = "reward",
       .kind = Kind::kExpression,
       .meaning = "What an outcome earned: a number, for policy thompson from 0 to 1; null: it is no outcome.",
       .default_value = "1"},
      {.name = "within",
       .kind = Kind::kDuration,
       .meaning = "A choice without an outcome for so long, by the clock, has earned 0.",
       .default_value = "30m",
       .minimum = 0.001},
  };
  for (Property& property : policy_properties())
    type.properties.push_back(std::move(property));
  type.bind = bind_choose;
  type.outputs = [](const Component&) { return std::vector<std::string>{ChoosePlan::kNone}; };
  return type;
}

Result<std::unique_ptr<Aggregator>> make_choose(const MakeContext& context) {
  Diagnostics diagnostics;
  ChoosePlan plan = plan_choose(context.component, context.inputs, diagnostics);
  if (!plan.output)
    return internal_error("the choose " + context.component.id + " was not checked before it was made");
  plan.bandit.clock = &context.clock;
  return std::unique_ptr<Aggregator>(std::make_unique<Choose>(std::move(plan), context.clock));
}

}  // namespace penstock
