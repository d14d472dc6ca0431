#include "actors/recommenders/recommender_names.h"

#include <algorithm>
#include <set>

#include "topology/hint.h"

namespace penstock {

using topology::Component;
using topology::PropertyValue;
using topology::Role;

namespace {

const Component* find(const std::vector<const Component*>& all, const std::string& id) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Component* one) { return one->id == id; });
  return found == all.end() ? nullptr : *found;
}

std::vector<std::string> ids_of(const std::vector<const Component*>& all, Role role) {
  std::vector<std::string> out;
  for (const Component* one : all)
    if (one->role == role)
      out.push_back(one->id);
  return out;
}

// The way from `from` back to the component through fallbacks, or nothing.
std::vector<std::string> cycle_through(const std::string& component, const Component& from,
                                       const std::vector<const Component*>& all, std::set<std::string>& tried) {
  for (const auto& [id, place] : fallback_of(from)) {
    if (id == component)
      return {from.id, id};
    const Component* next = find(all, id);
    if (next == nullptr || next->role != Role::kRecommender || !tried.insert(id).second)
      continue;
    if (std::vector<std::string> rest = cycle_through(component, *next, all, tried); !rest.empty()) {
      rest.insert(rest.begin(), from.id);
      return rest;
    }
  }
  return {};
}

}  // namespace

NamedPlaces candidates_of(const Component& component) {
  NamedPlaces out;
  for (const PropertyValue& entry : component.list("candidates"))
    out.emplace_back(std::get<std::string>(entry.find("model")->value), entry.find("model")->place);
  return out;
}

NamedPlaces fallback_of(const Component& component) {
  NamedPlaces out;
  if (component.has("fallback"))
    for (const PropertyValue& entry : component.list("fallback"))
      out.emplace_back(std::get<std::string>(entry.value), entry.place);
  return out;
}

void check_candidates(const Component& component, const std::vector<const Component*>& all,
                      topology::Diagnostics& diagnostics) {
  const std::vector<std::string> models = ids_of(all, Role::kModel);
  for (const auto& [id, place] : candidates_of(component)) {
    const Component* named = find(all, id);
    if (named != nullptr && named->role == Role::kModel)
      continue;
    diagnostics.error(place, "unknown-model",
                      named == nullptr ? "there is no model \"" + id + "\""
                                       : "candidates come from models, and " + id + " is a " +
                                             std::string(topology::role_name(named->role)),
                      models.empty() ? "declare one under models:" : topology::nearest_hint(id, models, "there are"));
  }
}

void check_fallback(const Component& component, const std::vector<const Component*>& all,
                    topology::Diagnostics& diagnostics) {
  for (const auto& [id, place] : fallback_of(component)) {
    const Component* named = find(all, id);
    if (named != nullptr && named->role != Role::kModel && named->role != Role::kRecommender)
      diagnostics.error(place, "wrong-component",
                        "fallback names models and recommenders, and " + id + " is a " +
                            std::string(topology::role_name(named->role)));
  }
  std::set<std::string> tried;
  const std::vector<std::string> cycle = cycle_through(component.id, component, all, tried);
  if (cycle.empty())
    return;
  std::string path;
  for (const std::string& id : cycle)
    path += (path.empty() ? "" : " → ") + id;
  diagnostics.error(component.place_of("fallback"), "cycle", "the fallback leads back to where it came from: " + path,
                    "end the chain in a model such as popularity");
}

}  // namespace penstock
