#include "actors/make_context.h"

#include <cassert>

namespace penstock {

MakeContext make_context(const topology::CheckedTopology& topology, std::string_view id, const Clock& clock) {
  const topology::BoundComponent* bound = topology.find(id);
  assert(bound);
  MakeContext context{bound->component, bound->binding, {}, topology.folder, clock, &topology};
  for (const std::string& input : bound->component.inputs) {
    const topology::BoundComponent* from = topology.find(input);
    assert(from);
    context.inputs.push_back({input, from->binding.output, from->binding.is_view, from->binding.key});
  }
  return context;
}

}  // namespace penstock
