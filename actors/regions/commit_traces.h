// Tells that followed records are committed, and goes on with them in the log that a region's rows are appended to. One
// object a commit, called by the store's writer thread, so that what a record's next reader tells comes behind it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/regions/epoch_commit.h"
#include "actors/regions/trace_step.h"

namespace penstock {

/// Notes the rows of the batch that are followed.
inline void note_followed(const Traces& traces, const std::string& log, const RecordBatch& batch, OpenEpoch& epoch) {
  for (Traces::Row& row : traces.in(log, batch))
    epoch.followed.push_back(std::move(row.record));
}

class CommitTraces {
 public:
  /// Null if nothing in the commit is followed. Else it is told where the records go. The runtime outlives it.
  static std::shared_ptr<CommitTraces> of(Runtime& runtime, const monitoring::Origin& region, EpochCommit& commit);

  void committed(const Committed& result);

 private:
  CommitTraces(Runtime& runtime, monitoring::Origin region, const EpochCommit& commit);
  void placed(const std::vector<Offset>& offsets);

  Runtime& runtime_;
  const monitoring::Origin region_;
  const Epoch epoch_;
  const int64_t begun_nanos_;
  const std::vector<TracedRecord> followed_;
  const std::vector<EpochCommit::Made> made_;
  const std::vector<std::string> logs_;  // of each append
  std::vector<TracedRecord> places_;     // of each of made_, once they are known
};

}  // namespace penstock
