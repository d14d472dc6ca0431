// How much memory an aggregator may use for its keys, and whom it tells what it uses. A plain value; its functions are
// called by the aggregator's worker alone, and live as long as that does.
#pragma once

#include <cstdint>
#include <functional>

namespace penstock {

struct MemoryShare {
  uint64_t limit = 0;                           // bytes of its own; 0: none
  std::function<void(uint64_t)> report = {};    // what it holds now
  std::function<bool()> node_is_full = {};      // the node's budget is exceeded
  std::function<void(bool)> is_overdrawn = {};  // whether it holds more than its limit and can spill no more for now
};

}  // namespace penstock
