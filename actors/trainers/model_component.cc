#include "actors/trainers/model_component.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "actors/aggregators/history.h"
#include "actors/aggregators/interaction_reader.h"
#include "actors/aggregators/resident_keys.h"
#include "actors/components.h"
#include "actors/sources/impressions.h"
#include "actors/stages/view_input.h"
#include "actors/trainers/feature_columns.h"
#include "actors/trainers/life_cycle.h"
#include "actors/trainers/live_settings.h"
#include "messages/timestamp.h"
#include "models/registry.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;
using topology::Property;

Property to_property(const ModelParameter& parameter) {
  Property out{.name = std::string(parameter.name), .meaning = std::string(parameter.meaning)};
  out.default_value = parameter.default_value;
  switch (parameter.kind) {
    case ModelParameter::Kind::kInteger: out.kind = Kind::kInteger; break;
    case ModelParameter::Kind::kNumber: out.kind = Kind::kNumber; break;
    case ModelParameter::Kind::kBool: out.kind = Kind::kBool; break;
    case ModelParameter::Kind::kChoice: out.kind = Kind::kChoice; break;
  }
  if (out.kind == Kind::kInteger || out.kind == Kind::kNumber) {
    out.minimum = parameter.minimum;
    out.maximum = parameter.maximum;
  }
  for (const std::string_view choice : parameter.choices)
    out.choices.emplace_back(choice);
  return out;
}

std::string value_text(const Component& component, const ModelParameter& parameter) {
  const std::string name(parameter.name);
  switch (parameter.kind) {
    case ModelParameter::Kind::kInteger: return std::to_string(component.integer(name));
    case ModelParameter::Kind::kNumber: return format_float64(component.number(name));
    case ModelParameter::Kind::kBool: return component.flag(name) ? "true" : "false";
    case ModelParameter::Kind::kChoice: break;
  }
  return component.text(name);
}

Result<ModelPtr> make_with_parameters(const Component& component) {
  const ModelType* model = find_model_type(component.type);
  if (model == nullptr)
    return not_found("there is no model type " + component.type);
  ParameterValues values;
  for (const ModelParameter& parameter : model->parameters)
    if (component.has(parameter.name))
      values.emplace_back(parameter.name, value_text(component, parameter));
  return make_model(component.type, values);
}

// What one model needs that declarations of single properties cannot say.
void check_together(const Component& component, topology::Diagnostics& diagnostics) {
  if (component.type == "same_attribute" && !component.has(kItemFeatures))
    diagnostics.error(component.place, "missing-key", "same_attribute compares items by their features",
                      "give it item_features: a view keyed by the item, and which of its columns count");
  if (component.type != "popularity")
    return;
  if (component.flag("segments") && !component.has(kUserFeatures))
    diagnostics.error(component.place_of("segments"), "missing-key", "segments are users who share a feature",
                      "give it user_features: a view keyed by the user, and which of its columns count");
  if (component.flag("trending") && !(component.number("decay_hours") > 0))
    diagnostics.error(component.place_of("trending"), "missing-key", "trending compares now with a longer time",
                      "set decay_hours: how long ago now reaches");
}

std::vector<topology::Expected> expect_model(const topology::ExpectContext& context) {
  using Expected = topology::Expected;
  const auto model = make_with_parameters(context.component);
  if (!model.ok())
    return {};
  const topology::Scale& scale = context.scale;
  const auto users = static_cast<double>(scale.users), items = static_cast<double>(scale.items);
  const double fans = items > 0 ? users * scale.items_per_user / items : 0;
  const double pairs = users * scale.items_per_user;
  const auto events = static_cast<uint64_t>(pairs);  // a user returns to an item; that adds to the list alone
  const auto once = [](Expected::Kind kind, const char* what, double bytes) { return Expected{kind, what, 1, bytes}; };
  return {{Expected::Kind::kState, "histories", users, bytes_a_user(scale.items_per_user)},
          {Expected::Kind::kMemory, "items", items, bytes_an_item(fans)},
          once(Expected::Kind::kMemory, "snapshot", static_cast<double>((*model)->snapshot_bytes(scale.items))),
          once(Expected::Kind::kTraining, "training",
               static_cast<double>((*model)->training_bytes(scale.users, scale.items, events))),
          {Expected::Kind::kDisk, "histories", users, 48 + 16 * scale.items_per_user}};
}

}  // namespace

topology::ComponentType model_component(const std::string& name, std::string example) {
  const ModelType* model = find_model_type(name);
  assert(model != nullptr);
  topology::ComponentType type;
  type.role = topology::Role::kModel;
  type.name = name;
  type.summary = std::string(model->meaning) + ".";
  type.example = std::move(example);
  type.properties = interaction_properties();
  if (model->features)
    std::ranges::move(feature_properties(), std::back_inserter(type.properties));
  for (const ModelParameter& parameter : model->parameters)
    type.properties.push_back(to_property(parameter));
  type.properties.push_back({.name = "seed",
                             .kind = Kind::kInteger,
                             .meaning = "The same data and seed give the same model.",
                             .default_value = "1",
                             .minimum = 0,
                             .maximum = 9e15});
  type.properties.push_back({.name = "train_at_start",
                             .kind = Kind::kBool,
                             .meaning = "Whether to train when the topology starts and no version is stored.",
                             .default_value = "true"});
  type.properties.push_back(
      {.name = "holdout",
       .kind = Kind::kNumber,
       .meaning = "The newest part of the data, which is kept back to measure a training; 0 is none.",
       .default_value = "0.1",
       .minimum = 0,
       .maximum = 0.5});
  std::ranges::move(life_cycle_properties(), std::back_inserter(type.properties));
  type.properties.push_back(impressions_property());
  std::ranges::move(live_properties(), std::back_inserter(type.properties));
  type.properties.push_back(memory_property("histories of users"));
  type.bind = [](const Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.stateful = true;  // the users' histories
    binding.routing = {topology::Routing::Kind::kExchange, {}};
    refuse_changes(component, context, "a model would count each change again");
    check_interactions(component, context.inputs[0].schema, context.diagnostics);
    check_features(component, context);
    check_together(component, context.diagnostics);
    check_live(component, context.inputs[0].schema, context.diagnostics);
    check_impressions(component, "impressions", context);
    return binding;
  };
  type.expect = expect_model;
  return type;
}

Result<ModelPtr> make_model_component(const MakeContext& context) { return make_with_parameters(context.component); }

}  // namespace penstock
