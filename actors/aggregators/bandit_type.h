// The declaration of models of type `bandit`, and how one is made from it.
#pragma once

#include <memory>

#include "actors/aggregators/aggregator.h"
#include "topology/component_type.h"

namespace penstock {

struct BanditPlan;
struct MakeContext;

topology::ComponentType bandit_type();
/// What the component declares. Requires: it passed `bind`.
BanditPlan bandit_plan(const MakeContext& context);
Result<std::unique_ptr<Aggregator>> make_bandit(const MakeContext& context);

}  // namespace penstock
