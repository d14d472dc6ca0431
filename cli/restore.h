// `penstock restore BACKUP --data-dir DIR`: verifies a backup and makes a store of it. A plain function over streams.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct RestoreOptions {
  std::string backup, data_dir;
  bool force = false;
};

/// The manifest, the checksum and everything in the store are verified before DIR is touched.
int restore(const RestoreOptions& options, std::ostream& out, std::ostream& err);

void add_restore(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
