// What a model is told about users and items beside who did what: the properties `user_features` and `item_features` of
// models, each a view (a `reduce` keyed by the user's or item's id) and which of its columns are features, and how.
//
//   item_features:
//     view: catalogue
//     columns:
//       category: categorical
//       tags: {type: multi, separator: "|"}
//       price: {type: buckets, boundaries: [5, 10, 50]}
//       title: {type: text, buckets: 1024}
//
// The declaration, its check, and the result as a value. Models whose entry in models/registry.h says `features` have
// these properties; how values become features is in models/features.h, and who reads the view in feature_reader.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/features.h"
#include "topology/component_type.h"
#include "topology/plan.h"

namespace penstock {

inline constexpr std::string_view kUserFeatures = "user_features";
inline constexpr std::string_view kItemFeatures = "item_features";

/// Both properties.
std::vector<topology::Property> feature_properties();
/// Reports a view that is none, has not exactly one key column (of type int64 or string), or has no such column; a column
/// whose type does not fit; and settings that belong to another kind of column.
void check_features(const topology::Component& model, const topology::BindContext& context);

/// The properties of one column, for other components that declare features; its check; and the column as a value. Requires
/// of the last: it passed the check.
std::vector<topology::Property> feature_column_properties();
void check_feature_column(const std::string& name, const topology::PropertyValue& column, const SchemaPtr& schema,
                          topology::Diagnostics& diagnostics);
FeatureColumn feature_column(const std::string& name, const topology::PropertyValue& column);

/// One of the two properties, taken apart.
struct FeatureSource {
  struct Column {
    size_t index;  // in the view's schema
    FeatureColumn feature;
  };
  std::string view;
  SchemaPtr schema;  // of the view
  size_t key = 0;    // index of the key column
  std::vector<Column> columns;
};
/// None if the model has no such property. Requires: the model passed check_features; `property` is one of the two names.
std::optional<FeatureSource> feature_source(const topology::CheckedTopology& topology, const topology::Component& model,
                                            std::string_view property);

}  // namespace penstock
