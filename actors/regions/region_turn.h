// Something that all workers of one component do at the end of the same epoch, on somebody's request: a job begins an era of
// a view or lands its result, say. The request rides on the epoch's marker, so that every worker does it between the same two
// rows of the input, and what it changes commits with that epoch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/regions/epoch_ledger.h"
#include "core/status.h"

namespace penstock {

class Aggregator;

struct RegionTurn {
  std::string component;
  /// By each worker's thread, right after its end_epoch; adds to what the epoch commits. An error fails the region.
  std::function<Status(Aggregator& aggregator, uint32_t worker, uint32_t workers, StageOutput& out)> act;
  /// Once, by any thread: the epoch is committed, and has read that far; or unavailable: the region stopped before.
  std::function<void(const Status& status, const std::vector<ReadPosition>& read)> done;
};

using RegionTurnPtr = std::shared_ptr<const RegionTurn>;

}  // namespace penstock
