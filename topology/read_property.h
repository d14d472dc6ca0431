// One declared property: from a node of the file to its value, with every way of being wrong.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "topology/component.h"
#include "topology/diagnostic.h"
#include "topology/property.h"
#include "topology/value.h"

namespace penstock::topology {

/// Of a list or map.
inline constexpr size_t kMaxEntries = 1000;

/// `a whole number such as 8`, `one of full, relaxed`.
std::string expected(const Property& property);

/// No value: it was wrong, and that was reported.
std::optional<PropertyValue> read_property(const Property& property, const Node& node, Diagnostics& diagnostics);

/// The declared default; no value if there is none. Requires: the default is a value of the property's kind (a test
/// walks all declarations).
std::optional<PropertyValue> default_value(const Property& property, Place place);

using PropertyValues = std::map<std::string, PropertyValue, std::less<>>;

/// Reads every declared property of the map. Keys that are neither declared nor in `also_known` are errors. Defaults
/// fill in for what is absent or wrong. False: a required property is missing or wrong.
/// `what`: for messages, such as `the filter failed`.
bool read_properties(const std::vector<Property>& properties, const Node& map,
                     const std::vector<std::string>& also_known, const std::string& what, Place place,
                     Diagnostics& diagnostics, PropertyValues& out);

/// Reports a key that nothing knows, with the nearest of those that are known.
void unknown_key(const Entry& entry, const std::vector<std::string>& known, const std::string& what,
                 Diagnostics& diagnostics);

}  // namespace penstock::topology
