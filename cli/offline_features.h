// What a topology's views say about the users and items of a model, read in this process without a node (offline_flow.h).
#pragma once

#include "actors/trainers/feature_reader.h"

namespace penstock::cli {

/// Nothing if the model asks for no features or names no view. Errors: of the sources and stages that lead to the views.
Result<KnownFeatures> read_features_offline(const topology::CheckedTopology& topology,
                                            const topology::Component& component, const Model& model,
                                            uint64_t max_records);

}  // namespace penstock::cli
