// Stages with several outputs: whoever reads `by_score.low` reads the output `low` of the stage `by_score`. For each output
// that somebody reads there is one more stage, of that name and of the type `output`, which passes its rows on: so readers,
// logs and regions treat it like any other.
#pragma once

#include <string>
#include <vector>

#include "topology/component_type.h"
#include "topology/spec.h"

namespace penstock::topology {

inline constexpr const char* kOutputType = "output";

/// The output that a stage of that type passes on, out of its id.
std::string output_of(const std::string& id);
/// The stages for the outputs that are read; reports those that there are not, and leaves such inputs empty.
std::vector<DeclaredComponent> output_stages(std::vector<DeclaredComponent>& components, const Catalogue& catalogue,
                                             Diagnostics& diagnostics);
/// Of that type.
Binding bind_output(const Component& component, const BindContext& context);

}  // namespace penstock::topology
