// The feature desk of a node: finds the aggregator that holds the key, and asks it. Any thread; the runtime outlives it.
#pragma once

#include <string>
#include <vector>

#include "actors/servers/feature_desk.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class FeatureStores final : public FeatureDesk {
 public:
  explicit FeatureStores(const Runtime& runtime) : runtime_(runtime) {}

  Result<FeatureAnswer> read(const std::string& store, const std::vector<std::string>& key,
                             std::optional<Timestamp> at) const override;
  Result<std::vector<std::string>> names(const std::string& store) const override;

 private:
  Result<const topology::BoundComponent*> find(const std::string& store) const;

  const Runtime& runtime_;
};

}  // namespace penstock
