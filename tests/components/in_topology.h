// A component made as part of a whole topology, for components that name others.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>

#include "actors/components.h"
#include "config/settings.h"
#include "core/clock.h"
#include "topology/check.h"

namespace penstock::test {

inline topology::CheckResult check_topology(const std::string& yaml) {
  return topology::check(yaml, "test.yaml", ".", catalogue(), settings_type(),
                         [](const std::string&) { return std::nullopt; });
}

/// What is wrong with it, one a line.
inline std::string mistakes_of_topology(const std::string& yaml) {
  std::string out;
  const topology::CheckResult result = check_topology(yaml);
  for (const topology::Diagnostic& diagnostic : result.diagnostics.list())
    out += diagnostic.code + ": " + diagnostic.text + "\n";
  return out;
}

class InTopology {
 public:
  explicit InTopology(const std::string& yaml) {
    INFO(mistakes_of_topology(yaml));
    auto checked = check_topology(yaml);
    REQUIRE(checked.topology);
    topology_ = std::move(*checked.topology);
  }
  std::unique_ptr<Aggregator> aggregator(const std::string& id) const {
    const topology::Component& component = topology_.find(id)->component;
    const auto& make = std::get<MakeAggregator>(component_entry(component.role, component.type).make);
    const topology::BoundComponent& bound = *topology_.find(id);
    MakeContext context{bound.component, bound.binding, {}, topology_.folder, clock_, &topology_};
    for (const std::string& input : component.inputs) {
      const topology::Binding& from = topology_.find(input)->binding;
      context.inputs.push_back({input, from.output, from.is_view, from.key});
    }
    auto made = make(context);
    REQUIRE(made.ok());
    return std::move(made).value();
  }
  const topology::CheckedTopology& topology() const { return topology_; }

 private:
  topology::CheckedTopology topology_;
  ManualClock clock_;
};

}  // namespace penstock::test
