// The reader's account of epochs under way: how far each has read the logs, which workers have reported what they did in
// it. An epoch may be committed when all workers have reported it and every earlier one is committed or goes with it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/regions/traces.h"
#include "actors/stages/stage.h"
#include "core/ids.h"
#include "storage/store.h"

namespace penstock {

/// What one worker did in one epoch.
struct EpochPart {
  Epoch epoch;
  struct Followed {
    uint64_t row;
    TracedRecord record;  // that the row was made of
  };
  struct Append {
    std::string log;
    std::string bytes;
    uint32_t records;
    BatchPtr batch;  // what the bytes hold, for the cache
    std::vector<Followed> followed = {};
  };
  std::vector<Append> appends;
  std::vector<std::pair<std::string, Delta>> deltas;       // by table
  std::vector<std::pair<std::string, Rejected>> rejected;  // by stage
  bool waits_for_time = false;                             // see Aggregator
};

/// Place in a log that an epoch read up to.
struct ReadPosition {
  std::string log;
  Partition partition;
  Offset next;
};

struct OpenEpoch {
  Epoch epoch;
  std::vector<ReadPosition> positions;  // of every partition, as of the epoch's end
  uint64_t bytes = 0;
  uint64_t records = 0;
  int64_t begun_nanos = 0;
  std::vector<TracedRecord> followed = {};  // of what it read
  std::vector<std::shared_ptr<EpochPart>> parts;
};

class EpochLedger {
 public:
  /// `workers`: how many parts make an epoch complete.
  explicit EpochLedger(size_t workers) : workers_(workers) {}

  /// Requires: epochs come in order.
  void open(OpenEpoch epoch) { epochs_.push_back(std::move(epoch)); }
  /// Requires: the part's epoch is open.
  void add(std::shared_ptr<EpochPart> part);
  /// Takes out all epochs that are complete, oldest first, up to the first that is not.
  std::vector<OpenEpoch> take_complete();

  size_t open_epochs() const { return epochs_.size(); }
  uint64_t open_bytes() const;

 private:
  size_t workers_;
  std::deque<OpenEpoch> epochs_;
};

}  // namespace penstock
