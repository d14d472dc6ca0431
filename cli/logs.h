// `penstock logs`: what the logs of a running node hold and keep, and how far behind their consumers are, as a table.
#pragma once

#include <ostream>
#include <string>

#include "cli/exit.h"
#include "cli/node_client.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct LogsOptions {
  std::string url = kDefaultUrl;
  bool json = false;  // the node's answer as it is
};

/// Gives the exit code.
int logs(const LogsOptions& options, std::ostream& out, std::ostream& err);

void add_logs(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
