#include "actors/supervision/runtime.h"

#include "actors/regions/dead_letters.h"
#include "actors/regions/log_report.h"
#include "topology/component.h"

namespace penstock {

Status prepare(Runtime& runtime) {
  runtime.cache.account(runtime.memory);
  runtime.traces.open(runtime.store_id, {runtime.plan.sources.begin(), runtime.plan.sources.end()});
  for (const topology::PlannedLog& log : runtime.plan.logs)
    PENSTOCK_TRY(runtime.store.open_log(log.name, {log.partitions, {log.retain_for, log.retain_bytes}}));
  PENSTOCK_TRY(runtime.store.open_log(kDeadLettersLog, {1, dead_letter_retention(runtime.plan)}));
  for (const topology::BoundComponent& bound : runtime.plan.topology.components) {
    const topology::Component& component = bound.component;
    runtime.board.add(component.id, std::string(topology::role_name(component.role)), component.type);
  }
  for (const topology::PlannedRegion& region : runtime.plan.regions) {
    runtime.board.add(region_status_id(region.name), "region", "region");
    for (const std::string& log : region.reads)
      runtime.freshness.add_reader(log, region.name);
    for (const topology::PlannedNode& node : region.nodes)
      if (node.aggregator)
        runtime.views.add(node.stages.back(), node.workers);
  }
  return ok();
}

}  // namespace penstock
