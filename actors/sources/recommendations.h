// Source `recommendations`: a log that a job fills, with what a recommender or model says to each user of a view: a record a
// user. A reduce over it holds the newest answer of each user, to be read at once (GET /v1/views/NAME/USER) however long the
// recommender would think.
#pragma once

#include "messages/schema.h"
#include "topology/component_type.h"

namespace penstock {

inline constexpr std::string_view kRecommendationsType = "recommendations";

inline bool is_recommendations(const topology::Component& component) {
  return component.role == topology::Role::kSource && component.type == kRecommendationsType;
}

/// user string; items json: a list of {item, score, strategy, because}, best first; at timestamp: when it was asked; history
/// int64: items of the user's history that the answer rests on; models json: versions by model.
const SchemaPtr& recommendations_schema();
topology::ComponentType recommendations_type();

/// What could not be checked of such a source when it was bound: that it asks a model or recommender, about users of a view.
void check_recommendations(const topology::Component& source, const topology::BindContext& context);

}  // namespace penstock
