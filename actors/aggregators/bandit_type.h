// The declaration of models of type `bandit`, and how one is made from it.
#pragma once

#include <memory>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "topology/component_type.h"

namespace penstock {

struct BanditPlan;
struct MakeContext;

/// How a bandit chooses and learns, for whatever has one inside: features, policy, explore and their like.
std::vector<topology::Property> policy_properties();
/// Those, and `within`. Requires: the component has them.
BanditPlan plan_policy(const topology::Component& component);
void check_context(const topology::Component& component, const BanditPlan& plan, topology::Diagnostics& diagnostics);

topology::ComponentType bandit_type();
/// What the component declares. Requires: it passed `bind`.
BanditPlan bandit_plan(const MakeContext& context);
Result<std::unique_ptr<Aggregator>> make_bandit(const MakeContext& context);

}  // namespace penstock
