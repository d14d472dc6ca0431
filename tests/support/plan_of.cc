#include "tests/support/plan_of.h"

#include <catch2/catch.hpp>

#include "actors/components.h"
#include "config/settings.h"
#include "topology/check.h"

namespace penstock::testing {

topology::Plan plan_of(const std::string& text) {
  auto checked = topology::check(text, "test.yaml", ".", catalogue(), settings_type(),
                                 [](const std::string&) { return std::nullopt; });
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
    UNSCOPED_INFO(diagnostic.place.line << ":" << diagnostic.place.column << " " << diagnostic.text);
  REQUIRE(checked.topology);
  return topology::make_plan(std::move(*checked.topology));
}

}  // namespace penstock::testing
