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
  std::vector<BatchPtr> batches;                        // for the next stages
  std::vector<std::pair<std::string, BatchPtr>> sides;  // for the readers of the stage's other outputs, by name
  std::vector<Rejected> rejected;
  Delta changes;  // of the stage's own table; aggregators only, at the end of an epoch
  std::vector<std::pair<std::string, Delta>> other_changes;  // of other tables, by name; the same
  void clear() { batches.clear(), sides.clear(), rejected.clear(), changes.clear(), other_changes.clear(); }
};

class Stage {
 public:
  virtual ~Stage() = default;
  /// Handles one batch of the input. Errors: only when the stage itself is unable to go on (the region is restarted);
  /// a bad record is no error but an entry of `rejected`.
  virtual Status process(const BatchPtr& batch, StageOutput& out) = 0;
  /// The same, for stages that must know which of their inputs (counted as they are declared) the batch comes from.
  virtual Status process_input(size_t input, const BatchPtr& batch, StageOutput& out) {
    (void)input;
    return process(batch, out);
  }
};
using StagePtr = std::unique_ptr<Stage>;

}  // namespace penstock
