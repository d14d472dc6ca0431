// The newest backup of a running node, as the API tells of it.
#pragma once

#include <cstdint>
#include <string>

#include "core/ids.h"

namespace penstock {

struct BackupStatus {
  std::string path;
  std::string state;    // running, finished, failed
  std::string message;  // why it failed
  Timestamp started;
  double seconds = 0;    // that it took; while it runs, so far
  uint64_t bytes = 0;    // written so far
  std::string checksum;  // once finished: XXH3_128 of its data.mdb
};

}  // namespace penstock
