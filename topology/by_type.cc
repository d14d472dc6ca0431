#include "topology/by_type.h"

#include <algorithm>

#include "topology/outside.h"
#include "topology/spec.h"

namespace penstock::topology {
namespace {

void choose_type(Node& component) {
  for (Entry& entry : component.entries) {
    if (entry.key != "type" || entry.value.kind != Node::Kind::kList || entry.value.items.empty())
      continue;
    const std::vector<Node>& types = entry.value.items;
    const auto counts = [&](const Node& type) {
      const Node* own = type.kind == Node::Kind::kScalar ? component.find(type.text) : nullptr;
      return type.broken || (own != nullptr && own->kind == Node::Kind::kMap);
    };
    const auto chosen = std::find_if(types.begin(), types.end() - 1, counts);
    entry.value = Node(*chosen);
  }
}

}  // namespace

Node with_one_type_each(Node root) {
  for (const Role role : {Role::kSource, Role::kStage, Role::kSink})
    for (Entry& section : root.entries)
      if (section.key == section_name(role))
        for (Entry& component : section.value.entries)
          choose_type(component.value);
  return root;
}

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
