// `penstock export NAME`: a log, view or table of a store's folder or a backup as JSON Lines or CSV. A plain function over
// streams; the store is only read, so a node may be running on it.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <optional>
#include <string>

#include "cli/exit.h"
#include "topology/plan.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct ExportOptions {
  std::string name;                                       // of a log, view or table
  std::string folder;                                     // a data folder or a backup
  bool csv = false;                                       // else JSON Lines
  std::optional<uint32_t> partition;                      // of a log; all by default
  uint64_t from = 0;                                      // offset in each partition
  uint64_t limit = std::numeric_limits<uint64_t>::max();  // rows
};

/// With a topology, views are written as their rows; other tables, and views without one, as keys and values.
int export_rows(const ExportOptions& options, const topology::CheckedTopology* topology, std::ostream& out,
                std::ostream& err);

void add_export(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
