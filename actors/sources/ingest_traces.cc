#include "actors/sources/ingest_traces.h"

#include <algorithm>
#include <map>

namespace penstock {

IngestTraces::IngestTraces(Runtime& runtime, monitoring::Origin source, std::vector<Asked> asked,
                           const std::vector<LogAppender::Part>& parts, Timestamp taken)
    : runtime_(runtime), source_(std::move(source)), asked_(std::move(asked)), taken_(taken) {
  for (const LogAppender::Part& part : parts)
    parts_.push_back({part.partition, part.batch->rows()});
}

IngestTracesPtr IngestTraces::make(Runtime& runtime, const monitoring::Origin& source, std::vector<Asked> asked,
                                   const std::vector<LogAppender::Part>& parts, Timestamp now, WriteBatch& write) {
  if (asked.empty() && !runtime.traces.any())
    return nullptr;
  IngestTracesPtr traces(new IngestTraces(runtime, source, std::move(asked), parts, now));
  if (!traces->asked_.empty())
    write.placed = [traces](const std::vector<Offset>& offsets) { traces->placed(offsets); };
  return traces;
}

IngestTracesPtr IngestTraces::of_request(Runtime& runtime, const monitoring::Origin& source,
                                         const std::optional<TraceParent>& parent,
                                         const std::vector<LogAppender::Part>& parts, Timestamp now,
                                         WriteBatch& write) {
  std::vector<Asked> asked;
  if (runtime.traces.requests() && parent && parent->sampled)
    for (size_t part = 0; part < parts.size(); ++part)
      for (uint64_t row = 0; row < parts[part].batch->rows() && asked.size() < kMost; ++row)
        asked.push_back({part, row, *parent});
  return make(runtime, source, std::move(asked), parts, now, write);
}

IngestTracesPtr IngestTraces::of_read(Runtime& runtime, const monitoring::Origin& source,
                                      const std::vector<std::pair<uint32_t, TraceParent>>& rows,
                                      std::vector<LogAppender::Part>& parts, Timestamp now, WriteBatch& write) {
  std::vector<Asked> asked;
  if (!rows.empty()) {
    const std::map<uint64_t, TraceParent> parents(rows.begin(), rows.end());
    for (size_t part = 0; part < parts.size(); ++part) {
      const BatchPtr& batch = parts[part].batch;
      for (size_t row = 0; row < batch->rows() && asked.size() < kMost; ++row)
        if (const auto parent = parents.find(batch->offset(row).value()); parent != parents.end())
          asked.push_back({part, row, parent->second});
    }
    for (LogAppender::Part& part : parts)
      part.batch = RecordBatch::make(part.batch->schema(), part.batch->columns());
  }
  return make(runtime, source, std::move(asked), parts, now, write);
}

BatchPtr IngestTraces::numbered(const BatchPtr& batch) {
  return batch->compact()->with_origin({Partition(0), Offset(0), {}, nullptr});
}

void IngestTraces::forget() {
  for (const TracedRecord& record : followed_)
    runtime_.traces.forget(record);
  followed_.clear();
}

void IngestTraces::placed(const std::vector<Offset>& offsets) {
  forget();  // where they were placed in vain
  for (const Asked& asked : asked_)
    followed_.push_back(runtime_.traces.follow(asked.parent.trace, source_.id, parts_[asked.part].partition,
                                               offsets[asked.part].next(asked.row), taken_));
}

std::string IngestTraces::committed(const Committed& result) {
  if (!result.status.ok()) {
    forget();
    return {};
  }
  for (size_t i = 0; i < followed_.size(); ++i)
    tell_ingested(runtime_, source_, followed_[i], asked_[i].parent.span);
  for (size_t i = 0; i < parts_.size(); ++i)
    for (const TracedRecord& record :
         runtime_.traces.among(source_.id, parts_[i].partition, result.appended[i], parts_[i].rows, taken_))
      if (std::none_of(followed_.begin(), followed_.end(),
                       [&](const TracedRecord& told) { return told.span == record.span; }))
        tell_ingested(runtime_, source_, record, {});
  return followed_.empty() ? "" : traceparent({asked_.front().parent.trace, followed_.front().span, true});
}

}  // namespace penstock
