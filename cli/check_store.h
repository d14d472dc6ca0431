// `penstock check-store DIR`: reads a whole store and verifies it. The work is a plain function over streams.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct CheckStoreOptions {
  std::string folder;
};

/// What is in the store and its problems go to `out`, why it cannot be read to `err`. The exit code: 0, 65 if there are
/// problems, otherwise that of the status. The reading is done in a child process, because a file with a broken page
/// structure can kill the reader; such an end is reported as a problem.
int check_store(const CheckStoreOptions& options, std::ostream& out, std::ostream& err);

void add_check_store(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
