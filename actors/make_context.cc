#include "actors/make_context.h"

#include <cassert>

namespace penstock {

MakeContext make_context(const topology::CheckedTopology& topology, std::string_view id, const Clock& clock,
                         const std::string& store_id) {
  const topology::BoundComponent* bound = topology.find(id);
  assert(bound);
  MakeContext context{bound->component, bound->binding, {}, topology.folder, clock, &topology, store_id};
  for (const std::string& input : bound->component.inputs) {
    const topology::BoundComponent* from = topology.find(input);
    assert(from);
    const topology::Binding& binding = from->binding;
    context.inputs.push_back({input, binding.output, binding.is_view && !binding.emits_records,
                              binding.emits_records ? std::vector<std::string>() : binding.key});
  }
  return context;
}

}  // namespace penstock
