// A source or sink whose type is a variable, `type: ${INPUT:-http}`, or a stage that may lie outside (outside.h): what only one of the types takes stands in a map named as
// that type, and counts when the component is of it.
//
//   orders: {type: "${INPUT:-http}", schema: order, http: {path: /ingest/orders}, file: {path: orders.jsonl}}
//
// Of a list of types the first counts whose map is there, else the last; so one variable can decide of them all:
//
//   alerts: {type: ["${INPUT:-http}", file], input: late, file: {path: alerts.jsonl}, kafka: {topic: alerts}}
#pragma once

#include <string>

#include "topology/component_type.h"
#include "topology/value.h"

namespace penstock::topology {

/// The topology file with one type in the place of each such list of sources, sinks and stages.
Node with_one_type_each(Node root);
/// Whether `key` of a component of that role is such a map: named as a type of the role.
bool is_of_type(const Catalogue& catalogue, Role role, std::string_view key);
/// The component without these maps, and with the entries of that of `type`.
Node entries_of_type(const Node& component, const Catalogue& catalogue, Role role, const std::string& type);

}  // namespace penstock::topology
