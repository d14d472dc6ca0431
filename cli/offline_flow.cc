#include "cli/offline_flow.h"

#include <algorithm>
#include <set>

#include "actors/make_context.h"
#include "topology/outputs.h"

namespace penstock::cli {
namespace {

constexpr uint64_t kReadBytes = 1 << 20;

/// The component and everything that rows pass on their way to it.
void collect(const topology::CheckedTopology& topology, const std::string& id, std::set<std::string>& ids) {
  if (!ids.insert(id).second)
    return;
  for (const std::string& input : topology.find(id)->component.inputs)
    collect(topology, input, ids);
}

// Of what needs more of a node than its rows: which side they are on, event time, outputs beside the main one.
Status check_offline(const topology::BoundComponent& bound) {
  const topology::Component& component = bound.component;
  const bool several = bound.binding.stateful && component.inputs.size() > 1;
  if (!several && component.type != topology::kOutputType)
    return ok();
  return invalid_argument(
      "rows come through \"" + component.id + "\" (" + component.type +
      "), which only a running node can do: let a job write them with a result_file, and evaluate a "
      "topology that reads that file");
}

}  // namespace

Result<OfflineFlow> OfflineFlow::make(const topology::CheckedTopology& topology, const std::string& target,
                                      const Clock& clock) {
  std::set<std::string> ids;
  collect(topology, target, ids);
  OfflineFlow flow;
  for (const topology::BoundComponent& bound : topology.components)
    if (ids.contains(bound.component.id)) {
      PENSTOCK_TRY(check_offline(bound));
      PENSTOCK_TRY(flow.add(topology, bound.component, clock));
    }
  return flow;
}

Status OfflineFlow::add(const topology::CheckedTopology& topology, const topology::Component& component,
                        const Clock& clock) {
  const MakeContext context = make_context(topology, component.id, clock);
  const auto& make = component_entry(component.role, component.type).make;
  Step step{.id = component.id};
  if (const auto* source = std::get_if<MakeSource>(&make)) {
    PENSTOCK_ASSIGN(step.source, (*source)(context));
  } else if (const auto* stage = std::get_if<MakeStage>(&make)) {
    PENSTOCK_ASSIGN(step.stage, (*stage)(context));
  } else if (const auto* aggregator = std::get_if<MakeAggregator>(&make)) {
    PENSTOCK_ASSIGN(std::unique_ptr<Aggregator> made, (*aggregator)(context));
    step.aggregator = made.get();
    step.stage = std::move(made);
  }
  for (Step& earlier : steps_)
    if (std::ranges::find(component.inputs, earlier.id) != component.inputs.end())
      earlier.consumers.push_back(steps_.size());
  steps_.push_back(std::move(step));
  return ok();
}

Result<OfflineRead> OfflineFlow::run(uint64_t max_records, const Take& take, const Shown& shown) {
  take_ = take;
  for (Step& step : steps_)
    if (step.source)
      PENSTOCK_TRY(read(step, max_records, shown).with_context(step.id));
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i].aggregator)
      continue;
    StageOutput out;
    PENSTOCK_TRY(steps_[i].aggregator->end_epoch(out));
    PENSTOCK_TRY(pass_on(i, out));
  }
  return done_;
}

Status OfflineFlow::read(Step& step, uint64_t max_records, const Shown& shown) {
  const size_t index = static_cast<size_t>(&step - steps_.data());
  PENSTOCK_TRY(step.source->open(""));
  for (bool more = true; more && done_.records < max_records;) {
    PENSTOCK_ASSIGN(const SourceRead got, step.source->read(kReadBytes));
    reject(got.rejected);
    if (got.batch) {
      const size_t rows = std::min<uint64_t>(got.batch->rows(), max_records - done_.records);
      done_.records += rows;
      PENSTOCK_TRY(pass_on(index, got.batch->slice(0, rows)));
    }
    more = !got.finished && (got.batch || !got.rejected.empty());
    shown(done_, step.source->progress());
  }
  return ok();
}

Status OfflineFlow::process(size_t step, const BatchPtr& batch) {
  if (!steps_[step].stage)
    return pass_on(step, batch);
  StageOutput out;
  PENSTOCK_TRY(steps_[step].stage->process(batch, out));
  return pass_on(step, out);
}

Status OfflineFlow::pass_on(size_t step, const BatchPtr& batch) {
  if (step + 1 == steps_.size())
    return take_(batch);
  for (const size_t consumer : steps_[step].consumers)
    PENSTOCK_TRY(process(consumer, batch));
  return ok();
}

Status OfflineFlow::pass_on(size_t step, StageOutput& out) {
  reject(out.rejected);
  for (const BatchPtr& batch : out.batches)
    PENSTOCK_TRY(pass_on(step, batch));
  return ok();
}

void OfflineFlow::reject(const std::vector<Rejected>& rejected) {
  if (!rejected.empty() && done_.rejected == 0)
    done_.first_reason = rejected.front().reason;
  done_.rejected += rejected.size();
}

}  // namespace penstock::cli
