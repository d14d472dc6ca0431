// What the reader and the workers of one life of a region tell each other beside messages: how far the store has committed,
// and whether a worker holds more memory than its share. Thread safe; ends with the region's actors.
#pragma once

#include <atomic>
#include <cstdint>

namespace penstock {

struct RegionProgress {
  std::atomic<uint64_t> committed = 0;  // epochs, counted from the region's start
  std::atomic<uint32_t> overdrawn = 0;  // workers over their share: until their state is committed they cannot spill it
};

}  // namespace penstock
