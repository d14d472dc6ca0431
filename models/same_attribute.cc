#include "models/same_attribute.h"

#include <algorithm>
#include <cmath>

#include "models/attribute_snapshot.h"
#include "models/bytes.h"
#include "models/parameter_values.h"

namespace penstock {
namespace {

class SameAttribute final : public Model {
 public:
  explicit SameAttribute(const SameAttributeParameters& parameters) : parameters_(parameters) {}

  std::string_view type() const override { return "same_attribute"; }
  ParameterValues parameters() const override { return {{"by", parameters_.by_weight ? "weight" : "users"}}; }
  Needs needs() const override { return {.features = true}; }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions&,
                               TrainingProgress& progress) const override {
    if (interactions.by_item.entries() == 0)
      return invalid_argument("there is nothing to learn from: no interaction");
    const FeatureMatrix& features = interactions.item_features;
    if (features.rows.entries() == 0)
      return invalid_argument(
          "same_attribute compares items by their features, and no item has any: declare "
          "item_features with columns of a view that knows the items");
    if (progress.cancelled())
      return cancelled("the training was cancelled before it began");
    AttributeState state;
    state.by_weight = parameters_.by_weight;
    state.items = interactions.items;
    state.users = interactions.by_user.rows;
    for (int32_t item = 0; item < interactions.by_item.rows; ++item)
      state.fans.push_back(static_cast<float>(interactions.by_item.row_indices(item).size()));
    state.names = features.names;
    state.attributes = features.rows;
    state.attributes.columns = static_cast<int32_t>(features.names.size());
    // Rows of items that the features do not reach are empty.
    state.attributes.rows = static_cast<int32_t>(state.items.size());
    state.attributes.pointers.resize(state.items.size() + 1, features.rows.entries());
    std::vector<double> count(features.names.size());
    for (const int32_t feature : state.attributes.indices)
      ++count[feature];
    for (const double n : count)
      state.weights.push_back(
          static_cast<float>(std::log1p(static_cast<double>(state.items.size()) / std::max(n, 1.0))));
    PENSTOCK_TRY(check_learnt({state.attributes.values}));
    progress.step(1, 1, "attributes counted");
    return ModelSnapshotPtr(std::make_shared<const AttributeSnapshot>(std::move(state)));
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override { return AttributeSnapshot::load(bytes); }

 private:
  SameAttributeParameters parameters_;
};

Result<ModelPtr> from_values(const ParameterValues& values) {
  return make_same_attribute({.by_weight = value_of(values, "by") == "weight"});
}

}  // namespace

ModelPtr make_same_attribute(const SameAttributeParameters& parameters) {
  return std::make_shared<const SameAttribute>(parameters);
}

ModelType same_attribute_model() {
  using Kind = ModelParameter::Kind;
  return {"same_attribute",
          "Items that share properties with those of the history, such as the vendor or the category",
          {{"by",
            Kind::kChoice,
            "weight",
            0,
            0,
            {"users", "weight"},
            "What an item of the history counts: 1 each, or its summed weight."}},
          from_values,
          true};
}

}  // namespace penstock
