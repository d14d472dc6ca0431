// Boolean logic with SQL's three values, and the tests for null. Nodes for the binder. Requires of each: the arguments have
// the types it needs and, where two are compared, the same type.
#pragma once

#include "sql/node.h"

namespace penstock::sql {

/// x AND y AND ...: from left to right, the later ones only for rows that are not yet false.
NodePtr make_and(const std::vector<NodePtr>& args);
/// x OR y OR ...: from left to right, the later ones only for rows that are not yet true.
NodePtr make_or(const std::vector<NodePtr>& args);
NodePtr make_not(NodePtr arg);
/// x IS NULL, of any type. Never null.
NodePtr make_is_null(NodePtr arg);
/// x IS TRUE (or IS FALSE). Never null.
NodePtr make_is(NodePtr arg, bool value);
/// x IS DISTINCT FROM y: whether they differ, null being a value like others. Never null.
NodePtr make_is_distinct(NodePtr left, NodePtr right);

}  // namespace penstock::sql
