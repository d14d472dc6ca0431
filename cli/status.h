// `penstock status`: what a running node is doing, as tables and its supervision tree.
#pragma once

#include <ostream>
#include <string>

#include "cli/node_client.h"

namespace penstock::cli {

struct StatusOptions {
  std::string url = kDefaultUrl;
  bool json = false;  // the node's answer as it is
};

/// Gives the exit code.
int status(const StatusOptions& options, std::ostream& out, std::ostream& err);

}  // namespace penstock::cli
