#include "actors/regions/commit_traces.h"

namespace penstock {
namespace {

std::vector<std::string> logs_of(const WriteBatch& write) {
  std::vector<std::string> logs;
  for (const WriteBatch::Append& append : write.appends)
    logs.push_back(append.log);
  return logs;
}

}  // namespace

CommitTraces::CommitTraces(Runtime& runtime, monitoring::Origin region, const EpochCommit& commit)
    : runtime_(runtime),
      region_(std::move(region)),
      epoch_(commit.last),
      begun_nanos_(commit.begun_nanos),
      followed_(commit.followed),
      made_(commit.made),
      logs_(logs_of(commit.write)) {}

std::shared_ptr<CommitTraces> CommitTraces::of(Runtime& runtime, const monitoring::Origin& region,
                                               EpochCommit& commit) {
  if (commit.followed.empty() && commit.made.empty())
    return nullptr;
  std::shared_ptr<CommitTraces> traces(new CommitTraces(runtime, region, commit));
  if (!traces->made_.empty())
    commit.write.placed = [traces](const std::vector<Offset>& offsets) { traces->placed(offsets); };
  return traces;
}

// A region appends to partition 0 only.
void CommitTraces::placed(const std::vector<Offset>& offsets) {
  for (const TracedRecord& before : places_)
    runtime_.traces.forget(before);
  places_.clear();
  for (const EpochCommit::Made& made : made_)
    places_.push_back(runtime_.traces.follow(made.row.record.trace, logs_[made.append], Partition(0),
                                             offsets[made.append].next(made.row.row), made.row.record.begun));
}

void CommitTraces::committed(const Committed& result) {
  if (!result.status.ok()) {
    for (const TracedRecord& before : places_)
      runtime_.traces.forget(before);
    return;
  }
  const double seconds = static_cast<double>(runtime_.clock.monotonic_nanos() - begun_nanos_) * 1e-9;
  for (const TracedRecord& record : followed_) {
    std::string detail = "epoch " + std::to_string(epoch_.value());
    for (size_t i = 0; i < made_.size(); ++i)
      if (made_[i].row.record.record() == record.record())
        detail += ", goes on as " + places_[i].record();
    const SpanId span = tell_trace(runtime_, region_, record, {"committed", std::move(detail), seconds});
    for (size_t i = 0; i < made_.size(); ++i)
      if (made_[i].row.record.record() == record.record())
        tell_ingested(runtime_, region_, places_[i], span);
  }
}

}  // namespace penstock
