#include "actors/aggregators/feature_events.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "actors/stages/reject.h"

namespace penstock {

int64_t FeatureEvents::counts_at(const RecordBatch& batch, size_t i) const {
  return plan_.counts_at(batch.column(plan_.time_column())->int64s()[batch.row(i)]);
}

std::vector<sql::AggregateInput> FeatureEvents::evaluate(const RecordBatch& batch,
                                                         std::vector<sql::RowError>& errors) const {
  std::vector<sql::AggregateInput> inputs;
  for (const FeaturePlan::Feature& feature : plan_.features) {
    inputs.push_back(feature.call.evaluate(batch));
    for (const sql::RowError& error : inputs.back().errors)
      errors.push_back({error.row, feature.name + ": " + error.message});
  }
  return inputs;
}

BatchPtr FeatureEvents::sort_out(const BatchPtr& given, int64_t mark, std::string_view context,
                                 std::vector<Rejected>& rejected, BatchPtr& late) const {
  const size_t time = plan_.time_column();
  BatchPtr batch = reject_bad_keys(given, plan_.key, {&time, 1}, context, rejected);
  std::vector<sql::RowError> errors;
  (void)evaluate(*batch, errors);
  batch = reject_errors(batch, errors, context, rejected);
  int64_t oldest;
  if (__builtin_sub_overflow(mark, plan_.keep(), &oldest))
    return batch;
  Selection in_time, too_late;
  for (size_t i = 0; i < batch->rows(); ++i)
    (counts_at(*batch, i) < oldest ? too_late : in_time).push_back(static_cast<uint32_t>(batch->row(i)));
  if (too_late.empty())
    return batch;
  late = batch->select(std::move(too_late));
  return batch->select(std::move(in_time));
}

std::vector<FeatureEvents::Part> FeatureEvents::parts(const BatchPtr& batch, const std::vector<uint32_t>& slot_of_row,
                                                      std::string_view context, std::vector<Rejected>& rejected) const {
  std::vector<uint32_t> order(batch->rows());
  std::iota(order.begin(), order.end(), 0);
  std::vector<int64_t> times(batch->rows());
  for (size_t i = 0; i < times.size(); ++i)
    times[i] = counts_at(*batch, i);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::tie(slot_of_row[a], times[a], a) < std::tie(slot_of_row[b], times[b], b);
  });
  std::vector<Part> out;
  std::vector<uint32_t> group_of_row(batch->rows());
  for (const uint32_t i : order) {
    if (out.empty() || out.back().slot != slot_of_row[i] || out.back().at != times[i])
      out.push_back({slot_of_row[i], times[i], {}});
    group_of_row[i] = static_cast<uint32_t>(out.size() - 1);
  }
  std::vector<sql::RowError> errors;
  const std::vector<sql::AggregateInput> inputs = evaluate(*batch, errors);
  std::vector<std::string> bytes = fold_.parts(inputs, group_of_row, out.size(), errors);
  for (size_t part = 0; part < out.size(); ++part)
    out[part].bytes = std::move(bytes[part]);
  reject_errors(batch, errors, context, rejected);
  return out;
}

}  // namespace penstock
