// How far event time has come among the rows that a sender has sent down an edge: the latest time in each partition of each
// log that its region reads. A receiver makes its watermark of that (actors/aggregators/watermark.h).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/ids.h"

namespace penstock {

struct EventProgress {
  struct Part {
    uint32_t input;  // of the region, as Origin::input; 0 for rows without an origin
    uint32_t partition;
    Timestamp latest;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;  // ascending by input and partition; none before the first row with a time
};
using EventProgressPtr = std::shared_ptr<const EventProgress>;

}  // namespace penstock
