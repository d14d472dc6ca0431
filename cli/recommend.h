// `penstock recommend --user ID`: asks a running node what a user will want next.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "cli/node_client.h"

namespace penstock::cli {

struct RecommendOptions {
  std::string user = {};
  int64_t n = 10;
  std::vector<std::string> exclude = {};
  std::string model = {};  // empty: the topology's first
  std::string url = kDefaultUrl;
  bool json = false;  // the node's answer as it is
};

/// Gives the exit code.
int recommend(const RecommendOptions& options, std::ostream& out, std::ostream& err);

}  // namespace penstock::cli
