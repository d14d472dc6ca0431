// Variables of the environment inside scalars: `${NAME}`, `${NAME:-default}`, and `$${` for a literal `${`.
#pragma once

#include "topology/diagnostic.h"
#include "topology/parse.h"
#include "topology/value.h"

namespace penstock::topology {

/// Replaces the variables in every scalar below `node`, and keeps the text maps right. A scalar with a missing variable or
/// a malformed reference is reported (by name, never by value) and marked broken.
void resolve_variables(Node& node, const Environment& environment, Diagnostics& diagnostics);

}  // namespace penstock::topology
