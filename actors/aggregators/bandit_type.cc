#include "actors/aggregators/bandit_type.h"

#include "actors/aggregators/bandit.h"
#include "actors/components.h"
#include "actors/sources/impressions.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;
using topology::Property;
using topology::PropertyValue;

constexpr double kWidest = 512;  // of a context: an arm's sums grow with its square

template <class T>
T member(const PropertyValue& group, std::string_view name, T otherwise) {
  const PropertyValue* found = group.find(name);
  const T* value = found == nullptr ? nullptr : std::get_if<T>(&found->value);
  return value == nullptr ? otherwise : *value;
}

BanditPolicy policy_of(const Component& component) {
  const std::string& name = component.text("policy");
  if (name == "linucb")
    return BanditPolicy::kLinUcb;
  return name == "linear_thompson" ? BanditPolicy::kLinearThompson : BanditPolicy::kThompson;
}

std::vector<ContextFeature> features_of(const Component& component) {
  std::vector<ContextFeature> features;
  if (!component.has("features"))
    return features;
  for (const PropertyValue& declared : component.list("features")) {
    ContextFeature feature;
    feature.name = member<std::string>(declared, "name", "");
    const auto kind = member<std::string>(declared, "kind", "numeric");
    feature.kind = kind == "categorical" ? ContextFeature::Kind::kCategorical
                   : kind == "hashed"    ? ContextFeature::Kind::kHashed
                                         : ContextFeature::Kind::kNumeric;
    feature.scale = member<double>(declared, "scale", 1);
    feature.buckets = static_cast<size_t>(member<int64_t>(declared, "buckets", 16));
    for (const PropertyValue& value : member<topology::PropertyList>(declared, "values", {}))
      feature.values.push_back(std::get<std::string>(value.value));
    features.push_back(std::move(feature));
  }
  return features;
}

}  // namespace

void check_context(const Component& component, const BanditPlan& plan, Diagnostics& diagnostics) {
  const std::vector<ContextFeature>& features = plan.context.features();
  for (size_t i = 0; i < features.size(); ++i) {
    const topology::Place place = component.list("features")[i].place;
    if (plan.context.find(features[i].name) != i)
      diagnostics.error(place, "duplicate-name", "the feature " + features[i].name + " is declared twice",
                        "keep one of them");
    if (features[i].kind == ContextFeature::Kind::kCategorical && features[i].values.empty())
      diagnostics.error(place, "missing-key", "the categorical feature " + features[i].name + " needs its values",
                        "such as `values: [phone, desktop]`; kind: hashed takes values that nobody can list");
  }
  if (static_cast<double>(plan.context.dimension()) > kWidest)
    diagnostics.error(
        component.place_of("features"), "wrong-value",
        "the context is " + std::to_string(plan.context.dimension()) + " numbers long, and at most 512 fit",
        "declare fewer values or buckets");
  if (!features.empty() && !plan.options.linear())
    diagnostics.warning(component.place_of("features"), "unused", "the policy thompson takes no notice of features",
                        "policy: linear_thompson or linucb learns from them");
}

BanditPlan plan_policy(const Component& component) {
  BanditPlan plan;
  plan.id = component.id;
  plan.context = BanditContext(features_of(component));
  plan.options.policy = policy_of(component);
  plan.options.dimension = static_cast<int>(plan.context.dimension());
  plan.options.explore = component.number("explore");
  plan.options.regularization = component.number("regularization");
  plan.options.noise = component.number("noise");
  plan.options.alpha = component.number("alpha");
  plan.options.successes = component.number("prior_successes");
  plan.options.failures = component.number("prior_failures");
  plan.within = component.duration("within");
  return plan;
}

namespace {

BanditPlan plan_bandit(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  BanditPlan plan = plan_policy(component);
  plan.outcomes = input;
  if (component.has("arms"))
    plan.arms = component.texts("arms");
  plan.arm = topology::compile_expression(component, "arm", {Type::kInt64, Type::kString}, input, diagnostics);
  plan.decision =
      topology::compile_expression(component, "decision", {Type::kInt64, Type::kString}, input, diagnostics);
  plan.reward = topology::compile_expression(component, "reward", {Type::kInt64, Type::kFloat64, Type::kBool}, input,
                                             diagnostics);
  plan.time = topology::compile_expression(component, "time", {Type::kTimestamp}, input, diagnostics);
  for (const ContextFeature& feature : plan.context.features())
    plan.columns.push_back(component.has("arm") && input ? input->index_of(feature.name) : std::nullopt);
  return plan;
}

topology::Binding bind_bandit(const Component& component, const topology::BindContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  topology::Binding binding;
  binding.stateful = binding.online = binding.is_view = true;
  binding.key = {"arm"};
  binding.output = Bandit::view_schema();
  binding.routing = {topology::Routing::Kind::kExchange, {}};
  refuse_changes(component, context, "a bandit would learn each change again");
  check_impressions(component, "impressions", context);
  const SchemaPtr& input = context.inputs[0].schema;
  const BanditPlan plan = plan_bandit(component, input, diagnostics);
  check_context(component, plan, diagnostics);
  if (component.has("arm") == component.has("decision"))
    diagnostics.error(
        component.place, "missing-key",
        "a bandit needs to know what an outcome is about: arm, or decision; one of the two",
        "arm: the column with the arm that was chosen; decision: the one with the id that choose answered");
  if (component.has("decision") && !component.has("impressions"))
    diagnostics.error(component.place_of("decision"), "missing-key",
                      "decisions are found again in a log of impressions, and the bandit names none",
                      "declare `shown: {type: impressions}` under sources: and say `impressions: shown`");
  for (size_t i = 0; input && component.has("arm") && i < plan.columns.size(); ++i)
    (void)topology::check_column(plan.context.features()[i].name, component.list("features")[i].place, input,
                                 diagnostics, {Type::kInt64, Type::kFloat64, Type::kString, Type::kBool});
  if (input && *input == *impressions_schema())
    diagnostics.error(component.input_places.front(), "bad-input",
                      "impressions say what was shown, not what came of it",
                      "read the stream of outcomes, and name the impressions with `impressions:`");
  return binding;
}

}  // namespace

std::vector<Property> policy_properties() {
  const Property name = {.name = "name",
                         .kind = Kind::kString,
                         .meaning = "In the context; a column's name if `arm` is given.",
                         .required = true};
  const Property kind = {.name = "kind",
                         .kind = Kind::kChoice,
                         .meaning = "How a value becomes numbers: as it is, one-hot, or one-hot by hash.",
                         .default_value = "numeric",
                         .choices = {"numeric", "categorical", "hashed"}};
  const Property scale = {.name = "scale",
                          .kind = Kind::kNumber,
                          .meaning = "What a numeric value is divided by.",
                          .default_value = "1",
                          .minimum = 1e-9};
  const Property values = {
      .name = "values", .kind = Kind::kList, .meaning = "Of a categorical feature; others count as none."};
  const Property buckets = {.name = "buckets",
                            .kind = Kind::kInteger,
                            .meaning = "Of a hashed feature: how many places there are.",
                            .default_value = "16",
                            .minimum = 1,
                            .maximum = 511};
  return {
      {.name = "features",
       .kind = Kind::kList,
       .meaning = "What is known of the situation of a choice.",
       .element = Kind::kGroup,
       .members = {name, kind, scale, values, buckets}},
      {.name = "policy",
       .kind = Kind::kChoice,
       .meaning = "How it weighs trying against earning: thompson ignores the context, the others learn from it.",
       .default_value = "thompson",
       .choices = {"thompson", "linear_thompson", "linucb"}},
      {.name = "explore",
       .kind = Kind::kNumber,
       .meaning = "Share of choices that are even among the arms, so that each has a known least probability.",
       .default_value = "0.05",
       .minimum = 0,
       .maximum = 1},
      {.name = "regularization",
       .kind = Kind::kNumber,
       .meaning = "How strongly linear policies hold to 0 before there is data.",
       .default_value = "1",
       .minimum = 1e-6,
       .maximum = 1e9},
      {.name = "noise",
       .kind = Kind::kNumber,
       .meaning = "Of linear_thompson: how far a reward is from its mean.",
       .default_value = "0.5",
       .minimum = 1e-6,
       .maximum = 1e9},
      {.name = "alpha",
       .kind = Kind::kNumber,
       .meaning = "Of linucb: how many deviations above the mean count.",
       .default_value = "1",
       .minimum = 0,
       .maximum = 1e6},
      {.name = "prior_successes",
       .kind = Kind::kNumber,
       .meaning = "Of thompson: successes that each arm begins with.",
       .default_value = "1",
       .minimum = 1e-3,
       .maximum = 1e9},
      {.name = "prior_failures",
       .kind = Kind::kNumber,
       .meaning = "Of thompson: failures that each arm begins with.",
       .default_value = "1",
       .minimum = 1e-3,
       .maximum = 1e9},
  };
}

namespace {

std::vector<Property> properties() {
  std::vector<Property> all = {
      {.name = "arm",
       .kind = Kind::kExpression,
       .meaning = "Which arm a row is a trial of, with its context in the columns named as the features."},
      {.name = "decision",
       .kind = Kind::kExpression,
       .meaning = "Which choice a row is the outcome of, by its id; the log of impressions tells arm and context."},
      {.name = "reward",
       .kind = Kind::kExpression,
       .meaning = "What it earned: a number, for policy thompson from 0 to 1; null: the row is no outcome.",
       .default_value = "1"},
      {.name = "time", .kind = Kind::kExpression, .meaning = "When the outcome was; default: the time of intake."},
      {.name = "within",
       .kind = Kind::kDuration,
       .meaning = "A decision without an outcome for so long has earned 0.",
       .default_value = "30m",
       .minimum = 0.001},
      {.name = "arms",
       .kind = Kind::kList,
       .meaning = "Of which to choose; default: those that outcomes have named.",
       .minimum = 1,
       .maximum = 1000},
  };
  for (Property& property : policy_properties())
    all.push_back(std::move(property));
  all.push_back({.name = "impressions",
                 .kind = Kind::kString,
                 .meaning = "The source of type impressions into which choices are noted."});
  return all;
}

}  // namespace

topology::ComponentType bandit_type() {
  topology::ComponentType type;
  type.role = topology::Role::kModel;
  type.name = "bandit";
  type.summary = "Chooses one of several offers for each request, and learns from what each choice earned.";
  type.example =
      "offer:\n"
      "  type: bandit\n"
      "  input: shop\n"
      "  arm: category\n"
      "  reward: CASE event WHEN 'purchase' THEN 1 ELSE 0 END\n"
      "  explore: 0.1\n";
  type.properties = properties();
  type.input_properties = {"impressions"};
  type.bind = bind_bandit;
  return type;
}

BanditPlan bandit_plan(const MakeContext& context) {
  Diagnostics ignored("");
  return plan_bandit(context.component, context.inputs[0].schema, ignored);
}

Result<std::unique_ptr<Aggregator>> make_bandit(const MakeContext& context) {
  return std::unique_ptr<Aggregator>(std::make_unique<Bandit>(bandit_plan(context)));
}

}  // namespace penstock
