// The verb `test`: runs the tests that a topology file holds (docs/testing.md).
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/terminal.h"
#include "topology/plan.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct TestOptions {
  std::vector<std::string> files;
  std::string filter;  // part of a test's name, in any letter case; empty: all
  bool json = false;
};

/// The tests of one topology. Counts into `passed` and `failed`. Errors: a test cannot be run at all.
Status run_tests(topology::CheckedTopology topology, const TestOptions& options, const Terminal& terminal,
                 std::ostream& out, size_t& passed, size_t& failed);

void add_test(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
