// Source `impressions`: a log that the node fills itself, with what it has shown to whom: a record for each item of an
// answer, and for each choice of a bandit. Its records have one schema, which every reader of such a log relies on. Stages,
// experiments and sinks read it as any other log.
#pragma once

#include "messages/schema.h"
#include "topology/component_type.h"

namespace penstock {

inline constexpr std::string_view kImpressionsType = "impressions";

/// Columns by number, in the order of impressions_schema().
enum class ImpressionColumn : size_t {
  kImpression,  // id of the answer, or of the decision; the same in all of its records
  kAt,          // when
  kUser,        // null: anonymous
  kItem,        // or arm
  kPosition,    // 1 is the first
  kScore,
  kStrategy,  // what found the item: a model, a step of a recommender
  kModel,     // that was asked
  kModelVersion,
  kRecommender,
  kExperiment,
  kVariant,
  kPropensity,  // probability with which the item was chosen; null: not random
  kContext,     // of a bandit's choice: a JSON object
};

const SchemaPtr& impressions_schema();
topology::ComponentType impressions_type();

/// The property `impressions` of what answers requests.
topology::Property impressions_property();
/// Checks a property that names a log of impressions: reports it if it is something else.
void check_impressions(const topology::Component& component, std::string_view property,
                       const topology::BindContext& context);

}  // namespace penstock
