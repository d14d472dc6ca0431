#include "actors/trainers/model_types.h"

#include <array>
#include <string_view>

#include "actors/trainers/model_component.h"
#include "models/registry.h"

namespace penstock {
namespace {

struct Example {
  std::string_view model;
  std::string_view text;
};

constexpr std::array kExamples = {
    Example{"als",
            "taste:\n"
            "  type: als\n"
            "  input: shop\n"
            "  user: user_id\n"
            "  item: item_id\n"
            "  weight: CASE event WHEN 'purchase' THEN 3 WHEN 'add_to_cart' THEN 2 ELSE 1 END\n"
            "  factors: 64\n"},
    Example{"hybrid",
            "taste:\n"
            "  type: hybrid\n"
            "  input: shop\n"
            "  user: user_id\n"
            "  item: item_id\n"
            "  item_features:\n"
            "    view: catalogue\n"
            "    columns: {category: categorical, price: {type: buckets, boundaries: [5, 20, 100]}}\n"},
    Example{"popularity",
            "most_popular:\n"
            "  type: popularity\n"
            "  input: shop\n"
            "  user: user_id\n"
            "  item: item_id\n"
            "  decay_hours: 168\n"},
    Example{"same_attribute",
            "same_shelf:\n"
            "  type: same_attribute\n"
            "  input: shop\n"
            "  user: user_id\n"
            "  item: item_id\n"
            "  item_features:\n"
            "    view: catalogue\n"
            "    columns: {category: categorical}\n"},
    Example{"co_purchase",
            "bought_together:\n"
            "  type: co_purchase\n"
            "  input: shop\n"
            "  user: user_id\n"
            "  item: item_id\n"
            "  measure: lift\n"
            "  least_together: 5\n"},
    Example{"session_knn",
            "visitors:\n"
            "  type: session_knn\n"
            "  input: shop\n"
            "  user: user_id\n"
            "  item: item_id\n"},
};

// A model that is told apart from others only by its parameters needs no example of its own.
std::string example_of(std::string_view model) {
  for (const Example& example : kExamples)
    if (example.model == model)
      return std::string(example.text);
  return "other:\n  type: " + std::string(model) + "\n  input: shop\n  user: user_id\n  item: item_id\n";
}

}  // namespace

std::vector<topology::ComponentType> model_component_types() {
  std::vector<topology::ComponentType> types;
  for (const ModelType& model : model_types())
    types.push_back(model_component(std::string(model.name), example_of(model.name)));
  return types;
}

}  // namespace penstock
