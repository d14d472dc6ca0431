// `penstock backup`: of a running node, over HTTP, below its backup folder; or of a store's folder, to any place.
// The work is plain functions over streams.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/exit.h"
#include "cli/node_client.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct BackupOptions {
  std::string target;    // name (running node) or path; empty: the node makes a name up
  std::string data_dir;  // empty: ask the node
  std::string url = kDefaultUrl;
};

int backup(const BackupOptions& options, std::ostream& out, std::ostream& err);

void add_backup(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
