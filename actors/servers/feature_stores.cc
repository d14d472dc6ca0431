#include "actors/servers/feature_stores.h"

#include "actors/aggregators/features.h"
#include "actors/supervision/unknown_name.h"

namespace penstock {

Result<const topology::BoundComponent*> FeatureStores::find(const std::string& store) const {
  std::vector<std::string> known;
  for (const topology::BoundComponent& bound : runtime_.plan.topology.components) {
    if (bound.component.role != topology::Role::kStage || bound.component.type != "features")
      continue;
    if (bound.component.id == store)
      return &bound;
    known.push_back(bound.component.id);
  }
  return not_found(unknown_name("feature store", store, known));
}

Result<std::vector<std::string>> FeatureStores::names(const std::string& store) const {
  PENSTOCK_ASSIGN(const topology::BoundComponent* bound, find(store));
  std::vector<std::string> names;
  for (size_t c = bound->binding.key.size(); c < bound->binding.output->size(); ++c)
    names.push_back(bound->binding.output->field(c).name);
  return names;
}

Result<FeatureAnswer> FeatureStores::read(const std::string& store, const std::vector<std::string>& key,
                                          std::optional<Timestamp> at) const {
  PENSTOCK_ASSIGN([[maybe_unused]] const topology::BoundComponent* bound, find(store));
  FeatureAnswer answer;
  for (const auto& worker : runtime_.views.get(store)) {
    const auto* features = dynamic_cast<const Features*>(worker.get());
    if (features == nullptr)
      return failed_precondition("the feature store \"" + store + "\" is still starting; ask again in a moment");
    PENSTOCK_ASSIGN(const Features::Answer told, features->read(key, at));
    if (told.known == FeatureFold::Known::kNoEvents)
      continue;  // another worker's key
    answer.row = told.row;
    answer.newest = told.newest;
    answer.oldest = told.oldest;
    answer.known = told.known == FeatureFold::Known::kYes       ? FeatureAnswer::Known::kYes
                   : told.known == FeatureFold::Known::kExpired ? FeatureAnswer::Known::kExpired
                                                                : FeatureAnswer::Known::kForgotten;
    return answer;
  }
  return answer;
}

}  // namespace penstock
