#include "actors/supervision/node_taps.h"

#include "actors/supervision/unknown_name.h"

namespace penstock {

using topology::BoundComponent;
using topology::Role;

// A sink shows what comes to it.
Result<const BoundComponent*> NodeTaps::find(const std::string& component) const {
  const topology::CheckedTopology& topology = runtime_.plan.topology;
  const BoundComponent* found = topology.find(component);
  if (found && found->component.role == Role::kSink)
    found = topology.find(found->component.inputs.front());
  if (found && (found->component.role == Role::kSource || found->component.role == Role::kStage))
    return found;
  if (found)
    return invalid_argument("\"" + component + "\" is a " + std::string(topology::role_name(found->component.role)) +
                            ": it emits no rows");
  std::vector<std::string> known;
  for (const BoundComponent& bound : topology.components)
    if (bound.component.role == Role::kSource || bound.component.role == Role::kStage ||
        bound.component.role == Role::kSink)
      known.push_back(bound.component.id);
  return not_found(unknown_name("source, stage or sink", component, known));
}

Result<SchemaPtr> NodeTaps::schema(const std::string& component) const {
  PENSTOCK_ASSIGN(const BoundComponent* found, find(component));
  return found->binding.output;
}

std::shared_ptr<void> NodeTaps::listen(const std::string& component, Listener listener) {
  return runtime_.taps.open((*find(component))->component.id, std::move(listener));
}

}  // namespace penstock
