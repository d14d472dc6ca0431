// The role that file, kafka, sql and synthetic play: brings outside data in, in order, from a position. Pure of actors and of
// the store; may do I/O of its own kind. One thread at a time calls it.
//
// The position is the source's own bytes: everything it needs to go on after a restart exactly where the committed data
// ends. The worker around it commits a batch and the position behind it in one transaction.
//
// The error unavailable of open() and read() says that the outside cannot be reached at present: the call is repeated after a
// while. Any other error ends the source; its supervisor starts it again.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/stages/stage.h"
#include "core/status.h"
#include "core/trace_context.h"
#include "messages/record_batch.h"
#include "monitoring/event.h"

namespace penstock {

struct SourceRead {
  BatchPtr batch;                  // null: nothing there at the moment
  std::vector<Rejected> rejected;  // what could not be decoded; `record` holds the original bytes
  std::string position;            // behind everything given so far; empty if it is where it was
  uint64_t bytes = 0;              // of outside data taken in
  bool finished = false;           // there will never be more
  std::vector<std::pair<uint32_t, TraceParent>> traced = {};  // rows whose senders ask for it, ascending
};

struct SourceProgress {
  uint64_t done = 0;
  uint64_t total = 0;  // 0: unknown or endless
  std::string unit;    // bytes, events
};

class Source {
 public:
  virtual ~Source() = default;
  /// `position`: empty for the start, else one that read() gave. Errors: what is wrong with the outside.
  virtual Status open(std::string_view position) = 0;
  /// The next batch, of about `max_bytes` of outside data and at most 65,536 rows. Never waits for new data.
  virtual Result<SourceRead> read(uint64_t max_bytes) = 0;
  virtual SourceProgress progress() const = 0;
  /// Called every half second while nothing may be read, because a budget is used up or the store takes no commits.
  virtual void keep_alive() {}
  /// Rows that came with a sampled W3C traceparent are to be named in SourceRead::traced. Called before open(), or never.
  virtual void follow_requests() {}
  /// Tells what it has to tell besides. Called about once a second, on the same thread.
  virtual void report(monitoring::Monitor& /*monitor*/, const monitoring::Origin& /*origin*/) {}
};
using SourcePtr = std::unique_ptr<Source>;

}  // namespace penstock
