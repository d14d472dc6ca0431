// What a region hands to the store for the epochs that are complete: the effects of all its workers, the letters they set
// aside, and how far the logs were read. Plain data made from plain data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "actors/regions/epoch_ledger.h"
#include "storage/store.h"

namespace penstock {

struct EpochCommit {
  Epoch last;
  int64_t begun_nanos = 0;  // of the oldest
  uint64_t bytes = 0, records = 0;
  std::vector<std::pair<std::string, BatchPtr>> appended;  // log and rows of each of write.appends, letters apart
  std::vector<TracedRecord> followed = {};                 // of what was read
  struct Made {
    size_t append;  // of write.appends
    EpochPart::Followed row;
  };
  std::vector<Made> made = {};  // rows of `appended` that were made of followed records
  WriteBatch write;
};

/// `topology`, `region`: their names; `log`: the region's input, where it has only one. Requires: epochs is not empty.
EpochCommit epoch_commit(std::vector<OpenEpoch> epochs, const std::string& topology, const std::string& region,
                         const std::string& log, Timestamp now);

}  // namespace penstock
