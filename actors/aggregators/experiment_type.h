// The declaration of experiments of type `ab`, and how one is made from it.
#pragma once

#include <memory>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/experiment.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

topology::ComponentType experiment_type();
Result<std::unique_ptr<Aggregator>> make_experiment(const MakeContext& context);
/// What a component declares; without expressions where their schema is null.
ExperimentPlan plan_experiment(const topology::Component& component, const SchemaPtr& outcomes,
                               topology::Diagnostics& diagnostics);

}  // namespace penstock
