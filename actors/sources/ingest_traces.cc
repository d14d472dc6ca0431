#include "actors/sources/ingest_traces.h"

namespace penstock {

IngestTracesPtr IngestTraces::of(Runtime& runtime, const monitoring::Origin& source,
                                 const std::optional<TraceParent>& parent, const std::vector<LogAppender::Part>& parts,
                                 Timestamp now, WriteBatch& write) {
  const bool asked = runtime.traces.requests() && parent && parent->sampled;
  if (!asked && !runtime.traces.any())
    return nullptr;
  std::vector<AppendedRows> appended;
  for (const LogAppender::Part& part : parts)
    appended.push_back({part.partition, part.batch->rows()});
  const IngestTracesPtr traces(
      new IngestTraces(runtime, source, asked ? parent : std::nullopt, std::move(appended), now));
  if (asked)
    write.placed = [traces](const std::vector<Offset>& offsets) { traces->placed(offsets); };
  return traces;
}

void IngestTraces::forget() {
  for (const TracedRecord& record : followed_)
    runtime_.traces.forget(record);
  followed_.clear();
}

void IngestTraces::placed(const std::vector<Offset>& offsets) {
  forget();  // where it was placed in vain
  for (size_t i = 0; i < parts_.size(); ++i)
    for (uint64_t row = 0; row < parts_[i].rows && followed_.size() < kMostOfRequest; ++row)
      followed_.push_back(
          runtime_.traces.follow(parent_->trace, source_.id, parts_[i].partition, offsets[i].next(row), taken_));
}

std::string IngestTraces::committed(const Committed& result) {
  if (!result.status.ok()) {
    forget();
    return {};
  }
  if (!parent_) {
    tell_appended(runtime_, source_, parts_, result.appended, taken_);
    return {};
  }
  for (const TracedRecord& record : followed_)
    tell_ingested(runtime_, source_, record, parent_->span);
  return followed_.empty() ? "" : traceparent({parent_->trace, followed_.front().span, true});
}

}  // namespace penstock
