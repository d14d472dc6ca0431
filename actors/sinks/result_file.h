// Sink `result_file`: all rows of a view, or of a log's history, written into files by a job. See result_writer.h.
#pragma once

#include <optional>
#include <string>

#include "actors/sinks/result_writer.h"
#include "topology/component_type.h"

namespace penstock {

topology::ComponentType result_file_type();

/// As declared. Requires: the component passed the type's `bind`; `schema`: of its input; `folder`: of the topology.
ResultFormat result_format(const topology::Component& component, const SchemaPtr& schema, const std::string& folder);

}  // namespace penstock
