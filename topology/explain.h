// The plan, shown. `explain_text` is what people read and tests compare; the others feed tools. Pure.
#pragma once

#include <string>

#include "topology/plan.h"

namespace penstock::topology {

/// Logs with their columns; regions with nodes, workers, views and edges with their routing; sinks, models, servers; memory.
std::string explain_text(const Plan& plan);
/// A Mermaid flowchart, for Markdown pages.
std::string explain_mermaid(const Plan& plan);
/// A Graphviz digraph.
std::string explain_dot(const Plan& plan);
/// Everything that explain_text says, as one JSON object.
std::string explain_json(const Plan& plan);

}  // namespace penstock::topology
