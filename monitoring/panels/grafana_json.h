// A dashboard as the JSON that Grafana 9 and later import and provision. Pure: the same dashboard gives the same bytes.
// Source: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
#pragma once

#include <string>
#include <vector>

#include "monitoring/panels/grafana_panel.h"

namespace penstock::monitoring {

/// Panels stand side by side as long as 24 columns have room, each row of them below the row before. `runbook`: where
/// docs/runbook.md can be read, the start of the variable of that name.
std::string grafana_json(const Dashboard& dashboard, const std::string& runbook);

/// Where the panels of a row stand whose title is at `y`; the last place's bottom is where the next row may begin.
std::vector<Place> lay_out(const PanelRow& row, int y);

/// The member `datasource` of panels and queries: the one that the variable names.
void write_datasource(JsonTree& json);

}  // namespace penstock::monitoring
