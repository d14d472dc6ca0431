// `penstock experiments [NAME]`: what the experiments of a running node have shown, as a table.
#pragma once

#include <ostream>
#include <string>

#include "cli/exit.h"
#include "cli/node_client.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct ExperimentsOptions {
  std::string url = kDefaultUrl;
  std::string name;   // empty: all
  bool json = false;  // the node's answer as it is
};

/// Gives the exit code.
int experiments(const ExperimentsOptions& options, std::ostream& out, std::ostream& err);

void add_experiments(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
