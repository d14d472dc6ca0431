// One declared component of a topology (a source, stage, sink, model or server) after its properties were read and
// checked against the declarations of its type. Defaults are filled in.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/units.h"
#include "topology/value.h"

namespace penstock::topology {

enum class Role { kSource, kStage, kSink, kModel, kRecommender, kExperiment, kServer, kJob };
inline constexpr Role kRoles[] = {Role::kSource,      Role::kStage,      Role::kSink,   Role::kModel,
                                  Role::kRecommender, Role::kExperiment, Role::kServer, Role::kJob};
std::string_view role_name(Role role);  // source, stage, sink, model, recommender, experiment, server, job

/// A property's value by its kind: string, path, column, expression, component, choice, query and schema are text; a group
/// is a map of the members that were given or have defaults.
struct PropertyValue;
using PropertyList = std::vector<PropertyValue>;
using PropertyMap = std::vector<std::pair<std::string, PropertyValue>>;  // in the order of the file
struct PropertyValue {
  PropertyValue() noexcept;  // outside the class: clang cannot tell while it is incomplete whether PropertyMap needs it

  std::variant<std::monostate, std::string, bool, int64_t, double, Duration, Bytes, PropertyList, PropertyMap> value;
  Place place;  // of the value; of the component for a default
  bool defaulted = false;
  TextMap text_map = {};  // of a text
  Place key_place = {};   // of the key, if it is an entry of a map

  /// An entry of a map or group, or null. Requires: this is one.
  const PropertyValue* find(std::string_view key) const;
  Place place_at(size_t offset) const { return text_map.at(offset, place); }  // of a byte of a text
};
inline PropertyValue::PropertyValue() noexcept = default;

struct Component {
  Role role = Role::kStage;
  std::string id;
  std::string type;
  Place place;                      // of its id
  std::vector<std::string> inputs;  // component ids, as declared
  std::vector<Place> input_places;  // one for each
  size_t named_inputs = 0;  // how many of them, the last ones, properties name (ComponentType::input_properties)
  std::map<std::string, PropertyValue, std::less<>> properties;

  bool has(std::string_view property) const;  // given, or has a default
  const PropertyValue* find(std::string_view property) const;
  Place place_of(std::string_view property) const;
  // Requires of each: has(property), declared with a kind of that type.
  const std::string& text(std::string_view property) const;
  bool flag(std::string_view property) const;
  int64_t integer(std::string_view property) const;
  double number(std::string_view property) const;  // number or integer
  Duration duration(std::string_view property) const;
  Bytes bytes(std::string_view property) const;
  const PropertyList& list(std::string_view property) const;
  const PropertyMap& map(std::string_view property) const;
  std::vector<std::string> texts(std::string_view property) const;  // a list of text
};

}  // namespace penstock::topology
