// One panel as Grafana's JSON has it. Pure.
// Source: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
#pragma once

#include "monitoring/panels/panel.h"

namespace penstock::monitoring {

class JsonTree;

/// Where on the grid of 24 columns.
struct Place {
  int x, y, width, height;
};

void write_panel(JsonTree& json, const Panel& panel, int id, const Place& place);

}  // namespace penstock::monitoring
