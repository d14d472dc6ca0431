// `penstock check FILE...`: every mistake of topology files at once. The work is a plain function over streams.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/exit.h"
#include "topology/check.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct CheckOptions {
  std::vector<std::string> files;
  bool json = false;  // one array of diagnostics instead of text
  bool colour = false;
  topology::Environment environment = topology::process_environment();
};

/// The exit code: 0, 65 if a file has mistakes, 66 if one cannot be read. Diagnostics go to `out`, what cannot be
/// read to `err`.
int check(const CheckOptions& options, const topology::Catalogue& catalogue, std::ostream& out, std::ostream& err);

void add_check(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
