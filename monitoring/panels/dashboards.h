// The list of all dashboards, and what their panels have in common.
#pragma once

#include <string>
#include <vector>

#include "monitoring/panels/panel.h"
#include "monitoring/promql.h"

namespace penstock::monitoring {

const std::vector<Dashboard>& dashboards();

Dashboard overview_dashboard();
Dashboard dataflow_dashboard();
Dashboard sources_dashboard();
Dashboard storage_dashboard();
Dashboard supervision_dashboard();
Dashboard serving_dashboard();
Dashboard models_dashboard();
Dashboard jobs_dashboard();

/// What is chosen at the top of every dashboard.
const PromQl& chosen();

/// The share of its time that a component spent in `state`: busy, idle or blocked; by component_id and component_kind.
std::string time_share(const std::string& state, const std::string& where = {});

/// Of expressions that stand at 0 or have no series as long as nothing happens: 0 then.
std::string or_zero(const std::string& expression);

/// How often a counter was raised within the range, as whole numbers: `increase` reckons for the whole range from what it saw
/// of it, and so gives 1.2 of what happened once.
std::string times(const std::string& increase);

/// A metric that stands for no component itself needs no panel; each with the reason.
struct NeedsNoPanel {
  Metric metric;
  const char* reason;
};
const std::vector<NeedsNoPanel>& need_no_panel();

}  // namespace penstock::monitoring
