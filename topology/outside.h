// A stage that lies outside: its rows go out through a sink and come back through a source, by a topic of Kafka where another
// topology has a buffer. It is declared as a stage with a `read`, whose type is the name of both a sink and a source; what only
// one of the two takes stands in `write` and `read`. As with sources and sinks (by_type.h) the type may be a variable:
//
//   scored:
//     type: ${SCORED:-buffer}
//     input: unhappy
//     kafka: {topic: scored, brokers: "b:9092", write: {partition: score - 1}, read: {schema: scored}}
//
// With type kafka it is read as the source `scored` and the sink `scored-out`.
#pragma once

#include <string>

#include "topology/component_type.h"
#include "topology/value.h"

namespace penstock::topology {

/// Whether a stage can lie outside by that type: a sink and a source have it, and no stage.
bool lies_outside(const Catalogue& catalogue, const std::string& type);
/// The topology file with the source and the sink in the place of each such stage.
Node with_outside(Node root, const Catalogue& catalogue);

}  // namespace penstock::topology
