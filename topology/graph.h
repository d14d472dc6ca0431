// Who reads whom: inputs resolved, cycles found, components in flow order.
#pragma once

#include <cstddef>
#include <vector>

#include "topology/diagnostic.h"
#include "topology/spec.h"

namespace penstock::topology {

/// For each component the numbers of the components it reads, one for each of its inputs; kUnknownInput where there is none.
using Inputs = std::vector<std::vector<size_t>>;
inline constexpr size_t kUnknownInput = static_cast<size_t>(-1);

/// Reports inputs that do not exist or give no rows, and numbers of inputs that the types do not allow.
Inputs resolve_inputs(const std::vector<DeclaredComponent>& components, Diagnostics& diagnostics);

/// All components, inputs before their readers (but for cycles, which have no such order). A cycle is reported with its path.
std::vector<size_t> flow_order(const std::vector<DeclaredComponent>& components, const Inputs& inputs,
                               Diagnostics& diagnostics);

}  // namespace penstock::topology
