// Nodes that compute a part only for the rows that need it, and IN. Requires of each: all values have the same type.
#pragma once

#include "sql/node.h"

namespace penstock::sql {

/// CASE: the value of the first condition that is true, else `otherwise`. Requires: as many conditions as values.
NodePtr make_case(std::vector<NodePtr> conditions, std::vector<NodePtr> values, NodePtr otherwise);
/// COALESCE: the first value that is not null.
NodePtr make_coalesce(std::vector<NodePtr> values);
/// GREATEST or LEAST of the values that are not null; null if all are. Requires: the type is not json.
NodePtr make_extreme(bool greatest, const std::vector<NodePtr>& values);
/// value IN (constants). Requires: the items are constants; the type is not json.
NodePtr make_in(const NodePtr& value, const std::vector<NodePtr>& items);

}  // namespace penstock::sql
