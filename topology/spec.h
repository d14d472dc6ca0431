// What a topology file declares, read against the declarations of its component types but not yet against itself: inputs are
// names, expressions are text.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "messages/schema.h"
#include "topology/component_type.h"
#include "topology/read_property.h"
#include "topology/settings_type.h"
#include "topology/value.h"

namespace penstock::topology {

/// Far more than one node can run; keeps the checker's time in bounds whatever comes in.
inline constexpr size_t kMaxComponents = 1000;
/// Of one schema.
inline constexpr size_t kMaxColumns = 1000;

struct DeclaredSchema {
  SchemaPtr schema;  // null if a field was wrong
  Place place;       // of its name
  bool used = false;
};

struct DeclaredComponent {
  Component component;
  const ComponentType* type = nullptr;  // null if unknown
  bool complete = false;                // every required property is there: its type's `bind` may run
};

struct Spec {
  std::string name;
  std::map<std::string, DeclaredSchema, std::less<>> schemas;
  std::vector<DeclaredComponent> components;  // of all roles, in the order of kRoles, each in the order of the file
  PropertyValues settings;
  std::shared_ptr<const Node> tests;  // null if there are none
};

/// The key of a role's section, as in `sources`.
std::string section_name(Role role);
/// Ids of components and names of schemas and topologies: [a-z][a-z0-9_-]*.
bool is_id(std::string_view text);

Spec read_spec(const Node& root, const Catalogue& catalogue, const SettingsType& settings, Diagnostics& diagnostics);

}  // namespace penstock::topology
