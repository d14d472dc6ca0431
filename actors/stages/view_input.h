// Rows of a view replace earlier rows with the same key. A filter or map of a view passes such changes on row by row,
// which a sink can use; a component that would count each change as a new row must refuse them. Any thread.
#pragma once

#include <string>

#include "topology/component_type.h"

namespace penstock {

/// Whether the input is a view, or the changes of one that came through filters and maps (they keep the view's key).
bool holds_changes(const topology::Input& input);

/// Reports the component's first input if it holds changes. `why`: what would go wrong, such as `a reduce would count
/// each change again`.
void refuse_changes(const topology::Component& component, const topology::BindContext& context, const std::string& why);

}  // namespace penstock
