// Follows the records of one request: all of them under its client's trace, if the client asks, and else those whose offset
// says so. The first kMostOfRequest of a request; one object a request, used by whoever decides and commits it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/regions/trace_step.h"
#include "actors/sources/log_appender.h"

namespace penstock {

class IngestTraces;
using IngestTracesPtr = std::shared_ptr<IngestTraces>;

class IngestTraces {
 public:
  static constexpr size_t kMostOfRequest = 100;

  /// Null if nothing can be followed. Else it is told where the records go: `parts` are the first appends of `write`, in
  /// order. `parent`: what the client says, if anything. The runtime outlives it.
  static IngestTracesPtr of(Runtime& runtime, const monitoring::Origin& source,
                            const std::optional<TraceParent>& parent, const std::vector<LogAppender::Part>& parts,
                            Timestamp now, WriteBatch& write);

  /// Gives the traceparent to answer with; empty: the client did not ask, or nothing was taken.
  std::string committed(const Committed& result);

 private:
  IngestTraces(Runtime& runtime, monitoring::Origin source, std::optional<TraceParent> parent,
               std::vector<AppendedRows> parts, Timestamp taken)
      : runtime_(runtime), source_(std::move(source)), parent_(parent), parts_(std::move(parts)), taken_(taken) {}
  void placed(const std::vector<Offset>& offsets);
  void forget();

  Runtime& runtime_;
  const monitoring::Origin source_;
  const std::optional<TraceParent> parent_;
  const std::vector<AppendedRows> parts_;
  const Timestamp taken_;
  std::vector<TracedRecord> followed_;  // under the client's trace
};

}  // namespace penstock
