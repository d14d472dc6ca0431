// The role that file and http play: takes a log's records outside. Pure of actors and of the store. One thread at a time
// calls it.
//
// After sync() returned, everything written is safely outside; the worker around it then commits the log offset and the
// sink's position (its own bytes, such as a file's length) in one transaction. open() must undo whatever was written
// past the given position, where the outside allows that; then every record arrives exactly once. Where it does not, each
// record carries its stable id (record_id.h), by which the receiver drops repeats.
//
// What an error means for the records is told by its code. unavailable, resource_exhausted: the outside may take them
// later. invalid_argument: it will never take them. Anything else: the sink itself cannot go on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/status.h"
#include "messages/record_batch.h"
#include "monitoring/event.h"

namespace penstock {

class Sink {
 public:
  virtual ~Sink() = default;
  /// `position`: empty for the start, else one that sync() gave.
  virtual Status open(std::string_view position) = 0;
  virtual Status write(const BatchPtr& batch) = 0;
  /// Makes what was written safe, and gives the position behind it.
  virtual Result<std::string> sync() = 0;
  /// Rows between two calls of sync(), at most.
  virtual uint64_t rows_at_once() const { return 1u << 20; }
  /// Tells what it has to tell besides. Called about once a second while there is work, and after what failed.
  virtual void report(monitoring::Monitor& /*monitor*/, const monitoring::Origin& /*origin*/) {}
};
using SinkPtr = std::unique_ptr<Sink>;

}  // namespace penstock
