// Follows records on their way into a source's log: those whose client or sender asks, under its trace, and those whose offset says
// so. One object a commit, used by whoever decides it and by the store's writer thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/regions/trace_step.h"
#include "actors/sources/log_appender.h"

namespace penstock {

class IngestTraces;
using IngestTracesPtr = std::shared_ptr<IngestTraces>;

class IngestTraces {
 public:
  static constexpr size_t kMost = 100;  // that ask, of one commit

  /// Null if nothing can be followed. Else it is told where the records go: `parts` are the first appends of `write`, in
  /// order. The runtime outlives it. Of a request, with what its client says, if anything:
  static IngestTracesPtr of_request(Runtime& runtime, const monitoring::Origin& source,
                                    const std::optional<TraceParent>& parent,
                                    const std::vector<LogAppender::Part>& parts, Timestamp now, WriteBatch& write);
  /// Of what a source has read. `asked`: rows of the batch, ascending; then the batch that became the parts is numbered(), and the
  /// parts lose the numbers here.
  static IngestTracesPtr of_read(Runtime& runtime, const monitoring::Origin& source,
                                 const std::vector<std::pair<uint32_t, TraceParent>>& asked,
                                 std::vector<LogAppender::Part>& parts, Timestamp now, WriteBatch& write);
  /// Its rows know their numbers, wherever they are routed.
  static BatchPtr numbered(const BatchPtr& batch);

  /// Gives the traceparent to answer with; empty: the client did not ask, or nothing was taken.
  std::string committed(const Committed& result);

 private:
  struct AppendedRows {
    Partition partition;
    uint64_t rows = 0;
  };
  struct Asked {
    size_t part;
    uint64_t row;
    TraceParent parent;
  };
  IngestTraces(Runtime& runtime, monitoring::Origin source, std::vector<Asked> asked,
               const std::vector<LogAppender::Part>& parts, Timestamp taken);
  static IngestTracesPtr make(Runtime& runtime, const monitoring::Origin& source, std::vector<Asked> asked,
                              const std::vector<LogAppender::Part>& parts, Timestamp now, WriteBatch& write);
  void placed(const std::vector<Offset>& offsets);
  void forget();

  Runtime& runtime_;
  const monitoring::Origin source_;
  const std::vector<Asked> asked_;
  std::vector<AppendedRows> parts_;
  const Timestamp taken_;
  std::vector<TracedRecord> followed_;  // of each of asked_, once they are placed
};

}  // namespace penstock
