// A topology file from disk. The part of topology that reads files; everything else gets text.
#pragma once

#include <string>

#include "core/status.h"
#include "topology/check.h"

namespace penstock::topology {

struct TopologyFile {
  std::string path;    // as given
  std::string folder;  // that it lies in
  std::string text;
};

/// Errors: not_found if there is no such file, it is a folder or cannot be read; invalid_argument if it is larger than
/// kMaxFileBytes.
Result<TopologyFile> read_topology_file(const std::string& path);

}  // namespace penstock::topology
