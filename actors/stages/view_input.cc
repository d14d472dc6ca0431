#include "actors/stages/view_input.h"

namespace penstock {

bool holds_changes(const topology::Input& input) { return input.is_view || !input.key.empty(); }

void refuse_changes(const topology::Component& component, const topology::BindContext& context,
                    const std::string& why) {
  const topology::Input& input = context.inputs[0];
  if (!holds_changes(input))
    return;
  const std::string what = input.is_view ? input.id + " is a view, whose rows replace earlier ones; "
                                         : input.id + " holds the changes of a view, whose rows replace earlier ones; ";
  context.diagnostics.error(component.input_places.empty() ? component.place : component.input_places[0], "view-input",
                            what + why, "read the rows that the view is made from");
}

}  // namespace penstock
