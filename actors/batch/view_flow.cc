#include "actors/batch/view_flow.h"

#include <algorithm>

#include "actors/components.h"
#include "actors/make_context.h"

namespace penstock {

Result<ViewFlow> ViewFlow::make(const ViewPlan& plan, const Clock& clock) {
  ViewFlow flow(plan, clock);
  for (const topology::PlannedNode& planned : plan.nodes) {
    Node node{planned.id, {}};
    for (const std::string& id : planned.stages) {
      const topology::Component& component = plan.plan->topology.find(id)->component;
      const auto* make = std::get_if<MakeStage>(&component_entry(component.role, component.type).make);
      if (!make)
        return internal_error("component \"" + id + "\" of type " + component.type + " was planned as a stage");
      PENSTOCK_ASSIGN(StagePtr stage, (*make)(make_context(plan.plan->topology, id, clock)));
      node.stages.push_back(std::move(stage));
    }
    flow.nodes_.push_back(std::move(node));
  }
  PENSTOCK_TRY(flow.begin());
  return flow;
}

Status ViewFlow::begin() {
  const topology::Component& component = plan_->plan->topology.find(plan_->view)->component;
  const auto* make = std::get_if<MakeAggregator>(&component_entry(component.role, component.type).make);
  if (!make)
    return internal_error("the view " + plan_->view + " is no aggregator");
  PENSTOCK_ASSIGN(aggregator_, (*make)(make_context(plan_->plan->topology, plan_->view, *clock_)));
  recomputed_ = dynamic_cast<Recomputed*>(aggregator_.get());
  return recomputed_ ? ok() : internal_error("a view of type " + component.type + " cannot be recomputed");
}

Status ViewFlow::push(const std::string& log, const BatchPtr& rows) { return send(log, true, "", rows); }

Status ViewFlow::send(const std::string& from, bool from_log, const std::string& output, const BatchPtr& rows) {
  if (rows->rows() == 0)
    return ok();
  for (const ViewPlan::Edge& edge : plan_->edges) {
    if (edge.from != from || edge.from_log != from_log || edge.output != output)
      continue;
    if (edge.to == plan_->view) {
      StageOutput out;
      PENSTOCK_TRY(aggregator_->process_input(edge.input, rows, out).with_context("stage \"" + edge.to + "\""));
      rejected_ += out.rejected.size();
      continue;
    }
    const auto node = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& held) { return held.id == edge.to; });
    PENSTOCK_TRY(run(*node, 0, edge.input, rows));
  }
  return ok();
}

// As a region's worker does it (regions/stage_actor.cc).
Status ViewFlow::run(const Node& node, size_t stage, size_t input, const BatchPtr& rows) {
  if (rows->rows() == 0)
    return ok();
  if (stage == node.stages.size())
    return send(node.id, false, "", rows);
  StageOutput out;
  PENSTOCK_TRY(
      node.stages[stage]->process_input(input, rows, out).with_context("a stage before \"" + plan_->view + "\""));
  rejected_ += out.rejected.size();
  for (const auto& [output, batch] : out.sides)
    PENSTOCK_TRY(send(node.id, false, output, batch));
  for (const BatchPtr& batch : out.batches)
    PENSTOCK_TRY(run(node, stage + 1, 0, batch));
  return ok();
}

Result<std::vector<std::pair<std::string, std::string>>> ViewFlow::take_entries() {
  StageOutput out;
  PENSTOCK_TRY(aggregator_->end_epoch(out));
  std::vector<std::pair<std::string, std::string>> entries;
  entries.reserve(out.changes.size());
  for (auto& [key, value] : out.changes)
    if (value)
      entries.emplace_back(std::move(key), std::move(*value));
  std::sort(entries.begin(), entries.end());
  PENSTOCK_TRY(begin());
  return entries;
}

}  // namespace penstock
