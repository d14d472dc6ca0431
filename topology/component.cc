#include "topology/component.h"

#include <cassert>

namespace penstock::topology {

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kSource: return "source";
    case Role::kStage: return "stage";
    case Role::kSink: return "sink";
    case Role::kModel: return "model";
    case Role::kRecommender: return "recommender";
    case Role::kExperiment: return "experiment";
    case Role::kServer: return "server";
    case Role::kJob: return "job";
  }
  return "component";
}

namespace {

template <class T>
const T& get(const Component& component, std::string_view property) {
  const PropertyValue* value = component.find(property);
  assert(value != nullptr && std::holds_alternative<T>(value->value));
  return std::get<T>(value->value);
}

}  // namespace

const PropertyValue* PropertyValue::find(std::string_view key) const {
  for (const auto& [name, entry] : std::get<PropertyMap>(value))
    if (name == key)
      return &entry;
  return nullptr;
}

const PropertyValue* Component::find(std::string_view property) const {
  const auto found = properties.find(property);
  return found == properties.end() ? nullptr : &found->second;
}

bool Component::has(std::string_view property) const { return find(property) != nullptr; }

Place Component::place_of(std::string_view property) const {
  const PropertyValue* value = find(property);
  return value == nullptr ? place : value->place;
}

const std::string& Component::text(std::string_view property) const { return get<std::string>(*this, property); }

bool Component::flag(std::string_view property) const { return get<bool>(*this, property); }

int64_t Component::integer(std::string_view property) const { return get<int64_t>(*this, property); }

double Component::number(std::string_view property) const {
  const PropertyValue* value = find(property);
  assert(value != nullptr);
  if (const auto* whole = std::get_if<int64_t>(&value->value))
    return static_cast<double>(*whole);
  return std::get<double>(value->value);
}

Duration Component::duration(std::string_view property) const { return get<Duration>(*this, property); }

Bytes Component::bytes(std::string_view property) const { return get<Bytes>(*this, property); }

const PropertyList& Component::list(std::string_view property) const { return get<PropertyList>(*this, property); }

const PropertyMap& Component::map(std::string_view property) const { return get<PropertyMap>(*this, property); }

std::vector<std::string> Component::texts(std::string_view property) const {
  std::vector<std::string> out;
  for (const PropertyValue& element : list(property))
    out.push_back(std::get<std::string>(element.value));
  return out;
}

}  // namespace penstock::topology
