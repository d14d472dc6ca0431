// The one declaration of a configuration property: parser, check, help, JSON Schema and reference page derive from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace penstock::topology {

enum class Kind {
  kString,      // any text
  kBool,        // true, false
  kInteger,     // int64
  kNumber,      // double
  kDuration,    // 50ms
  kBytes,       // 64MiB
  kPath,        // a file or glob, relative to the topology file's folder
  kColumn,      // a column of the input
  kExpression,  // SQL, one value
  kComponent,   // id of another component
  kChoice,      // one of `choices`
  kList,        // list of `element`
  kMap,         // map from a name to `element`
  kQuery,       // SQL, one SELECT
  kSchema,      // the name of an entry of `schemas`
  kGroup,       // a map with the keys of `members`
};

struct Property {
  std::string name;
  Kind kind = Kind::kString;
  std::string meaning;  // one sentence
  bool required = false;
  std::string default_value = {};  // as it would be written; empty: none
  // Bounds of a number; of a duration in seconds, of a size in bytes, of a list or map its number of entries.
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::vector<std::string> choices = {};
  Kind element = Kind::kString;        // of a list or map
  std::string unit = {};               // of a plain number: rows, factors
  std::vector<Property> members = {};  // of a group, or of each element that is one
  std::string scalar = {};  // of a group: the member that a bare scalar gives, as `x: text` for `x: {type: text}`
};

}  // namespace penstock::topology
