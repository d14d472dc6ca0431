#include "topology/by_type.h"

#include "topology/outside.h"

namespace penstock::topology {

bool is_of_type(const Catalogue& catalogue, Role role, std::string_view key) {
  if (role == Role::kStage)
    return lies_outside(catalogue, std::string(key));
  if (role != Role::kSource && role != Role::kSink)
    return false;
  const ComponentType* type = catalogue.find(role, key);
  return type != nullptr && !type->internal;
}

Node entries_of_type(const Node& component, const Catalogue& catalogue, Role role, const std::string& type) {
  Node out = component;
  std::erase_if(out.entries, [&](const Entry& entry) {
    return entry.value.kind == Node::Kind::kMap && is_of_type(catalogue, role, entry.key);
  });
  for (const Entry& entry : component.entries)
    if (entry.key == type && entry.value.kind == Node::Kind::kMap && is_of_type(catalogue, role, type))
      out.entries.insert(out.entries.end(), entry.value.entries.begin(), entry.value.entries.end());
  return out;
}

}  // namespace penstock::topology
