// The models and recommenders that a recommender names, and what must be true of them in the topology as a whole.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "topology/component.h"
#include "topology/diagnostic.h"

namespace penstock {

/// Ids with the places where they stand.
using NamedPlaces = std::vector<std::pair<std::string, topology::Place>>;

NamedPlaces candidates_of(const topology::Component& recommender);
NamedPlaces fallback_of(const topology::Component& recommender);

/// Candidates come from models that there are.
void check_candidates(const topology::Component& recommender, const std::vector<const topology::Component*>& all,
                      topology::Diagnostics& diagnostics);
/// A fallback is a model or a recommender, and leads nowhere in a circle.
void check_fallback(const topology::Component& recommender, const std::vector<const topology::Component*>& all,
                    topology::Diagnostics& diagnostics);

}  // namespace penstock
