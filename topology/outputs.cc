#include "topology/outputs.h"

#include <algorithm>
#include <map>

#include "topology/hint.h"
#include "topology/plan.h"

namespace penstock::topology {
namespace {

const DeclaredComponent* find(const std::vector<DeclaredComponent>& components, std::string_view id) {
  for (const DeclaredComponent& declared : components)
    if (declared.component.id == id)
      return &declared;
  return nullptr;
}

}  // namespace

std::string output_of(const std::string& id) { return id.substr(id.find('.') + 1); }

std::vector<DeclaredComponent> output_stages(std::vector<DeclaredComponent>& components, const Catalogue& catalogue,
                                             Diagnostics& diagnostics) {
  std::map<std::string, DeclaredComponent> stages;
  for (DeclaredComponent& reader : components) {
    for (size_t i = 0; i < reader.component.inputs.size(); ++i) {
      std::string& input = reader.component.inputs[i];
      const size_t dot = input.find('.');
      const DeclaredComponent* owner = dot == std::string::npos ? nullptr : find(components, input.substr(0, dot));
      if (owner == nullptr || owner->type == nullptr)
        continue;  // an unknown input is reported with the others
      const std::vector<std::string> names =
          owner->type->outputs ? owner->type->outputs(owner->component) : std::vector<std::string>{};
      if (std::find(names.begin(), names.end(), output_of(input)) == names.end()) {
        diagnostics.error(reader.component.input_places[i], "unknown-output",
                          owner->component.id + " has no output \"" + output_of(input) + "\"",
                          names.empty()
                              ? "a " + owner->type->name + " has one output only: write " + owner->component.id
                              : nearest_hint(output_of(input), names, "its outputs are"));
        input.clear();
        continue;
      }
      DeclaredComponent stage;
      stage.component.role = Role::kStage;
      stage.component.id = input;
      stage.component.type = kOutputType;
      stage.component.place = owner->component.place;
      stage.component.inputs = {owner->component.id};
      stage.component.input_places = {owner->component.place};
      stage.type = catalogue.find(Role::kStage, kOutputType);
      stage.complete = true;
      stages.emplace(input, std::move(stage));
    }
  }
  std::vector<DeclaredComponent> out;
  out.reserve(stages.size());
  for (auto& [id, stage] : stages)
    out.push_back(std::move(stage));
  return out;
}

Binding bind_output(const Component& component, const BindContext& context) {
  Binding binding;
  if (const BoundComponent* owner = context.component(component.inputs.front())) {
    const auto found = owner->binding.outputs.find(output_of(component.id));
    if (found != owner->binding.outputs.end())
      binding.output = found->second;
    if (!owner->binding.stateful)
      binding.key = owner->binding.key;  // the changes of a view stay such
  }
  return binding;
}

}  // namespace penstock::topology
