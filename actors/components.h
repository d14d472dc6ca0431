// The one list of all components: what topology needs to check them, and how actors make them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/sinks/sink.h"
#include "actors/sources/source.h"
#include "actors/stages/stage.h"
#include "core/clock.h"
#include "models/model.h"
#include "topology/component_type.h"
#include "topology/plan.h"

namespace penstock {

/// What a factory may look at. Requires of every factory: the component passed its type's `bind` with these inputs.
struct MakeContext {
  const topology::Component& component;
  const topology::Binding& binding;
  std::vector<topology::Input> inputs;  // with schemas
  std::string folder;                   // relative paths start here
  const Clock& clock;
  const topology::CheckedTopology* topology = nullptr;  // all of it; null for a component on its own
  std::string store_id = {};  // of the node's store (supervision/store_id.h); empty outside a node
};

using MakeSource = std::function<Result<SourcePtr>(const MakeContext&)>;
using MakeStage = std::function<Result<StagePtr>(const MakeContext&)>;
using MakeAggregator = std::function<Result<std::unique_ptr<Aggregator>>(const MakeContext&)>;
using MakeSink = std::function<Result<SinkPtr>(const MakeContext&)>;
using MakeModel = std::function<Result<ModelPtr>(const MakeContext&)>;
struct NothingToMake {};  // servers, source `http`, and `query`, which planning replaces by other stages

struct ComponentEntry {
  topology::ComponentType type;
  std::variant<NothingToMake, MakeSource, MakeStage, MakeAggregator, MakeSink, MakeModel> make;
};

/// Adds one that is no part of Penstock, such as a stage of a test. Called before any of the others, by one thread.
void add_component(ComponentEntry entry);
/// All components there are, in the order of the reference page.
const std::vector<ComponentEntry>& components();
/// Their types, for the checker.
const topology::Catalogue& catalogue();
/// Requires: the type is in the list.
const ComponentEntry& component_entry(topology::Role role, std::string_view type);

}  // namespace penstock
