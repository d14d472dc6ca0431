// `penstock plan FILE`: the physical plan of a topology. The work is a plain function over streams.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/exit.h"
#include "topology/check.h"
#include "topology/expected.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct PlanOptions {
  std::string file;
  std::string format = "text";         // text, dot, mermaid, json
  topology::Scale scale;               // what it needs is shown too where users or items are given
  std::vector<std::string> keys = {};  // STAGE=N, for scale.keys
  bool colour = false;                 // of diagnostics
  topology::Environment environment = topology::process_environment();
};

/// The exit code: 0, 64 if `keys` is wrong, 65 if the file has mistakes (they go to `err`, as `check` shows them), 66 if it cannot be read.
int plan(const PlanOptions& options, const topology::Catalogue& catalogue, std::ostream& out, std::ostream& err);

void add_plan(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
