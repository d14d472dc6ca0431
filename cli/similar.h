// `penstock similar --item ID`: asks a running node which items are like an item.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "cli/node_client.h"

namespace penstock::cli {

struct SimilarOptions {
  std::string item = {};
  int64_t n = 10;
  std::string model = {};  // empty: the topology's first
  std::string url = kDefaultUrl;
  bool json = false;  // the node's answer as it is
};

/// Gives the exit code.
int similar(const SimilarOptions& options, std::ostream& out, std::ostream& err);

}  // namespace penstock::cli
