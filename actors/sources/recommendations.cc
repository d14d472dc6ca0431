#include "actors/sources/recommendations.h"

#include "actors/sources/log_properties.h"
#include "topology/plan.h"

namespace penstock {

using topology::BoundComponent;
using topology::Component;
using topology::Kind;
using topology::Role;

const SchemaPtr& recommendations_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{
      {"user", Type::kString, true},
      {"items", Type::kJson, true},
      {"at", Type::kTimestamp, true},
      {"history", Type::kInt64, true},
      {"models", Type::kJson, true},
  });
  return schema;
}

topology::ComponentType recommendations_type() {
  topology::ComponentType type;
  type.role = Role::kSource;
  type.name = kRecommendationsType;
  type.summary = "What a recommender says to each user of a view, asked by a job: a record a user.";
  type.example =
      "precomputed:\n"
      "  type: recommendations\n"
      "  recommender: home\n"
      "  users: people\n"
      "  count: 20\n"
      "  retain_bytes: 64MiB\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = {
      {.name = "recommender",
       .kind = Kind::kComponent,
       .meaning = "The recommender or model that is asked.",
       .required = true},
      {.name = "users",
       .kind = Kind::kComponent,
       .meaning = "A view by user id: for each of its rows.",
       .required = true},
      {.name = "count",
       .kind = Kind::kInteger,
       .meaning = "How many items each is told, at most.",
       .default_value = "20",
       .minimum = 1,
       .maximum = 1000,
       .unit = "items"},
  };
  for (const auto& more : log_properties())
    type.properties.push_back(more);
  type.bind = [](const Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = recommendations_schema();
    check_log(component, binding.output, context.diagnostics);
    return binding;
  };
  return type;
}

void check_recommendations(const Component& source, const topology::BindContext& context) {
  const auto wrong = [&](const char* property, const std::string& what, const char* right) {
    context.diagnostics.error(source.place_of(property), "wrong-role", what, right);
  };
  const std::string& asked = source.text("recommender");
  const BoundComponent* answers = context.component(asked);
  if (answers != nullptr && answers->component.role != Role::kRecommender &&
      (answers->component.role != Role::kModel || answers->binding.online))
    wrong("recommender", asked + " recommends no items", "name a recommender, or a model that ranks items");
  const std::string& users = source.text("users");
  const BoundComponent* view = context.component(users);
  if (view != nullptr && (!view->binding.is_view || view->binding.key.size() != 1))
    wrong("users", users + " is no view with one key column", "such as a reduce with `group_by: [user]`");
}

}  // namespace penstock
