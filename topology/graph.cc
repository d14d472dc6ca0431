#include "topology/graph.h"

#include <algorithm>
#include <map>
#include <set>

#include "topology/hint.h"

namespace penstock::topology {
namespace {

bool gives_rows(const Component& component) {
  return component.role == Role::kSource || component.role == Role::kStage;
}

class InputResolver {
 public:
  InputResolver(const std::vector<DeclaredComponent>& components, Diagnostics& diagnostics)
      : components_(components), diagnostics_(diagnostics) {
    for (size_t i = 0; i < components.size(); ++i)
      if (!components[i].component.id.empty())
        numbers_.emplace(components[i].component.id, i);
  }

  Inputs run() {
    Inputs inputs;
    for (const DeclaredComponent& declared : components_) {
      std::vector<size_t>& resolved = inputs.emplace_back();
      for (size_t i = 0; i < declared.component.inputs.size(); ++i)
        resolved.push_back(resolve(declared.component, i));
      check_count(declared);
    }
    return inputs;
  }

 private:
  size_t resolve(const Component& component, size_t i) {
    const std::string& id = component.inputs[i];
    const Place place = component.input_places[i];
    if (id.empty())
      return kUnknownInput;  // was reported
    const auto found = numbers_.find(id);
    if (found == numbers_.end()) {
      unknown(component, id, place);
      return kUnknownInput;
    }
    const Component& target = components_[found->second].component;
    if (!gives_rows(target)) {
      diagnostics_.error(place, "bad-input", id + " is a " + std::string(role_name(target.role)) + " and gives no rows",
                         "an input is a source or a stage");
      return kUnknownInput;
    }
    if (std::find(component.inputs.begin(), component.inputs.begin() + static_cast<ptrdiff_t>(i), id) !=
        component.inputs.begin() + static_cast<ptrdiff_t>(i)) {
      diagnostics_.error(place, "bad-input", id + " is an input twice", "remove one of them");
      return kUnknownInput;
    }
    return found->second;
  }

  void unknown(const Component& component, const std::string& id, Place place) {
    std::vector<std::string> known;
    for (const DeclaredComponent& declared : components_)
      if (gives_rows(declared.component) && !declared.component.id.empty() && declared.component.id != component.id)
        known.push_back(declared.component.id);
    diagnostics_.error(place, "unknown-input", "there is no source or stage \"" + id + "\"",
                       known.empty() ? "declare it under sources: or stages:" : nearest_hint(id, known, "there are"));
  }

  void check_count(const DeclaredComponent& declared) {
    if (declared.type == nullptr)
      return;
    const Component& component = declared.component;
    const size_t count = component.inputs.size() - component.named_inputs;
    const std::string what = "the " + declared.type->name + " " + component.id;
    const auto inputs = [](size_t n) { return n == 1 ? std::string("1 input") : std::to_string(n) + " inputs"; };
    if (count == 0 && declared.type->min_inputs > 0)
      diagnostics_.error(
          component.place, "missing-key",
          what + " needs the key " + (declared.type->min_inputs > 1 ? "inputs" : "input"),
          "it is the id of a source or stage" + std::string(declared.type->min_inputs > 1 ? ", several in [ ]" : ""));
    else if (count < declared.type->min_inputs)
      diagnostics_.error(
          component.input_places.back(), "bad-input",
          what + " needs at least " + inputs(declared.type->min_inputs) + ", but has " + std::to_string(count));
    else if (count > declared.type->max_inputs && declared.type->max_inputs == 0)
      diagnostics_.error(component.input_places.front(), "bad-input", what + " takes no input", "remove it");
    else if (count > declared.type->max_inputs)
      diagnostics_.error(
          component.input_places[declared.type->max_inputs], "bad-input",
          what + " takes at most " + inputs(declared.type->max_inputs) + ", but has " + std::to_string(count),
          "a union makes one out of several");
  }

  const std::vector<DeclaredComponent>& components_;
  Diagnostics& diagnostics_;
  std::map<std::string, size_t> numbers_;
};

// Depth first without recursion, so that a chain of any length may come in.
class Walk {
 public:
  Walk(const std::vector<DeclaredComponent>& components, const Inputs& inputs, Diagnostics& diagnostics)
      : components_(components), inputs_(inputs), diagnostics_(diagnostics), state_(components.size(), State::kNew) {}

  std::vector<size_t> run() {
    for (size_t i = 0; i < components_.size(); ++i)
      if (state_[i] == State::kNew)
        visit(i);
    return std::move(order_);
  }

 private:
  enum class State { kNew, kOpen, kDone };
  struct Step {
    size_t component;
    size_t next = 0;  // input to look at
  };

  void visit(size_t start) {
    open(start);
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next == inputs_[step.component].size()) {
        state_[step.component] = State::kDone;
        order_.push_back(step.component);
        path_.pop_back();
        continue;
      }
      const size_t input = inputs_[step.component][step.next++];
      if (input == kUnknownInput)
        continue;
      if (state_[input] == State::kNew)
        open(input);
      else if (state_[input] == State::kOpen)
        report_cycle(input);
    }
  }

  void open(size_t component) {
    state_[component] = State::kOpen;
    path_.push_back({component});
  }

  // The path leads against the flow, from `first` up to the component that reads `first`.
  void report_cycle(size_t first) {
    std::string text = components_[first].component.id;
    for (auto step = path_.rbegin(); step->component != first; ++step)
      text += " → " + components_[step->component].component.id;
    const Step& reader = path_.back();
    const Component& component = components_[reader.component].component;
    text += " → " + components_[first].component.id;
    diagnostics_.error(component.input_places[reader.next - 1], "cycle",
                       "these stages read each other in a circle: " + text,
                       "rows must flow from sources to sinks; remove one of these inputs");
  }

  const std::vector<DeclaredComponent>& components_;
  const Inputs& inputs_;
  Diagnostics& diagnostics_;
  std::vector<State> state_;
  std::vector<Step> path_;
  std::vector<size_t> order_;
};

}  // namespace

Inputs resolve_inputs(const std::vector<DeclaredComponent>& components, Diagnostics& diagnostics) {
  return InputResolver(components, diagnostics).run();
}

std::vector<size_t> flow_order(const std::vector<DeclaredComponent>& components, const Inputs& inputs,
                               Diagnostics& diagnostics) {
  return Walk(components, inputs, diagnostics).run();
}

}  // namespace penstock::topology
