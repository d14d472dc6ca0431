// `penstock recommend --user ID`, `penstock recommend --session ITEM,ITEM`: asks a running node what a user, or somebody
// without a name, will want next.
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
  std::string model = {};                 // empty: the topology's first
  std::string filter = {};                // SQL over the columns of the recommender's items; empty: none
  std::vector<std::string> session = {};  // items, oldest first; instead of a user, or behind what the user did
  std::string url = kDefaultUrl;
  bool json = false;  // the node's answer as it is
};

/// Gives the exit code.
int recommend(const RecommendOptions& options, std::ostream& out, std::ostream& err);

}  // namespace penstock::cli
