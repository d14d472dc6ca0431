#include "actors/regions/stage_traces.h"

#include <algorithm>
#include <set>

#include "actors/make_context.h"

namespace penstock {

std::vector<Traces::Row> StageTraces::in(const RecordBatch& batch) const {
  if (!batch.origin() || batch.origin()->input >= logs_.size())
    return {};
  return runtime_.traces.in(logs_[batch.origin()->input], batch);
}

bool StageTraces::holds(const RecordBatch& batch, const TracedRecord& record) const {
  if (!batch.origin() || batch.origin()->partition != record.partition)
    return false;
  for (size_t i = 0; i < batch.rows(); ++i)
    if (batch.offset(i) == record.offset)
      return true;
  return false;
}

// Rows that lost their origin may hold the record: a stage that gives such has taken it in.
std::string StageTraces::outcome(const monitoring::Origin& stage, const TracedRecord& record,
                                 const StageOutput& out) const {
  for (const Rejected& rejected : out.rejected)
    if (rejected.partition == record.partition && rejected.offset == record.offset)
      return "set aside: " + rejected.reason;
  for (const auto& [output, batch] : out.sides)
    if (holds(*batch, record))
      return "passed on to " + output;
  bool unknown = stage.kind == "aggregator" && stage.type != "dedupe" && stage.type != "rate_limit";
  for (const BatchPtr& batch : out.batches) {
    if (holds(*batch, record))
      return "passed on";
    unknown |= !batch->origin() && batch->rows() > 0;
  }
  return unknown ? "taken in" : "dropped";
}

void StageTraces::processed(const monitoring::Origin& stage, const BatchPtr& batch, const StageOutput& out,
                            double seconds) {
  std::set<Offset> told;  // one row may have become several
  const topology::BoundComponent* bound = nullptr;
  for (const auto& [row, record] : in(*batch)) {
    if (!told.insert(record.offset).second)
      continue;
    if (!bound)
      bound = runtime_.plan.topology.find(stage.id);
    const std::string what = outcome(stage, record, out);
    const bool recommends = bound->component.role == topology::Role::kModel && !bound->binding.online;
    if (!(recommends || bound->binding.online) || what != "taken in") {
      tell_trace(runtime_, stage, record, {"processed", what, seconds});
      continue;
    }
    const std::string user = recommends ? user_of(stage.id, batch, row) : "";
    if (recommends && user.empty()) {
      tell_trace(runtime_, stage, record, {"processed", "passed over: its weight is 0", seconds});
      continue;
    }
    const SpanId span =
        tell_trace(runtime_, stage, record,
                   {"learnt", recommends ? "answers for this user reflect it" : "predictions reflect it", seconds});
    if (recommends)
      runtime_.traces.learnt(user, {record, stage.id, span});
  }
}

std::string StageTraces::user_of(const std::string& model, const BatchPtr& batch, size_t row) {
  auto reader = readers_.find(model);
  if (reader == readers_.end()) {
    const MakeContext context = make_context(runtime_.plan.topology, model, runtime_.clock);
    auto made = InteractionReader::make(context.component, context.inputs[0].schema);
    if (!made.ok())
      return {};
    reader = readers_.emplace(model, *std::move(made)).first;
  }
  std::string user;
  std::vector<Rejected> rejected;
  reader->second.read(batch->select({static_cast<uint32_t>(batch->row(row))}), rejected,
                      [&](const InteractionView& seen) { user = seen.user; });
  return user;
}

std::vector<EpochPart::Followed> StageTraces::written(const std::vector<BatchPtr>& batches) const {
  std::vector<EpochPart::Followed> out;
  uint64_t before = 0;
  for (const BatchPtr& batch : batches) {
    for (auto& [row, record] : in(*batch))
      out.push_back({before + row, std::move(record)});
    before += batch->rows();
  }
  return out;
}

}  // namespace penstock
