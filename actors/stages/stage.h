// The role that filter, map, sort, reduce and their like play: a verb on a batch. Pure logic: values in, values out, no
// actor, clock or I/O. One generic actor (actors/supervision/region_actor) runs every stage; one thread at a time calls
// it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/status.h"
#include "messages/record_batch.h"
#include "storage/store.h"

namespace penstock {

/// A record that could not be handled: it goes to `dead_letters` with the reason, and the rest goes on.
struct Rejected {
  std::string reason;            // what was wrong, and with what value
  std::optional<Offset> offset;  // in the log it came from, where known
  std::optional<Partition> partition;
  std::string record;  // the row as JSON
};

/// What a call of a stage brought about, in order. The caller empties it between calls.
struct StageOutput {
  std::vector<BatchPtr> batches;  // for the next stages
  std::vector<Rejected> rejected;
  Delta changes;  // of the stage's own table; aggregators only, at the end of an epoch
  void clear() { batches.clear(), rejected.clear(), changes.clear(); }
};

class Stage {
 public:
  virtual ~Stage() = default;
  /// Handles one batch of the input. Errors: only when the stage itself is unable to go on (the region is restarted);
  /// a bad record is no error but an entry of `rejected`.
  virtual Status process(const BatchPtr& batch, StageOutput& out) = 0;
};
using StagePtr = std::unique_ptr<Stage>;

}  // namespace penstock
