// What a node tells about a log: what it holds, how long it keeps it, and how far each of its consumers is. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/units.h"

namespace penstock {

struct LogStatus {
  struct Part {
    Offset first;  // oldest kept
    Offset next;   // that the next record will get
    uint64_t bytes = 0;
  };
  /// A region or sink that reads the log at positions of its own.
  struct Consumer {
    std::string id;
    std::string type;                              // region, file
    std::string kind;                              // region, sink
    std::vector<std::optional<Offset>> positions;  // next to read, by partition; none: has not begun
    uint64_t lag_records = 0;                      // kept and not yet handled
    uint64_t lag_bytes = 0;                        // about so many, in proportion
    double lag_seconds = 0;                        // since the oldest of them was appended
  };

  std::string name;
  std::optional<Duration> retain_for;  // none: for ever
  std::optional<Bytes> retain_bytes;   // of each partition; none: all
  std::vector<Part> partitions;
  std::vector<Consumer> consumers;
};

}  // namespace penstock
