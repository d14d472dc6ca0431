// The verb `tap`: rows that a component of a running node emits, as they go by (docs/testing.md).
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct TapVerbOptions {
  std::string url;
  std::string component;
  std::string where;
  std::vector<std::string> columns;
  uint64_t limit = 0;
  uint64_t buffer = 0;  // 0: as the node has it
};

/// Prints a row a line, as JSON, until `limit` is reached; what else there is to tell goes to `err`. When the connection is
/// lost it tries again for ever, with growing pauses; a node that was never reached is an error. Gives the exit code.
int tap(const TapVerbOptions& options, std::ostream& out, std::ostream& err);

void add_tap(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
