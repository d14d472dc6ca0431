#include "monitoring/panels/grafana_names.h"

namespace penstock::monitoring {

const char* type_of(PanelKind kind) {
  switch (kind) {
    case PanelKind::kTimeseries: return "timeseries";
    case PanelKind::kStat: return "stat";
    case PanelKind::kTable: return "table";
    case PanelKind::kBarGauge: return "bargauge";
    case PanelKind::kStateTimeline: return "state-timeline";
    case PanelKind::kHeatmap: return "heatmap";
  }
  return "";
}

const char* name_of(Unit unit) {
  switch (unit) {
    case Unit::kNumber: return "short";
    case Unit::kRecordsPerSecond: return "si:rec/s";
    case Unit::kRequestsPerSecond: return "reqps";
    case Unit::kPerSecond: return "si:/s";
    case Unit::kBytes: return "bytes";
    case Unit::kBytesPerSecond: return "binBps";
    case Unit::kSeconds: return "s";
    case Unit::kShare: return "percentunit";
  }
  return "";
}

const char* name_of(Colour colour) {
  switch (colour) {
    case Colour::kGreen: return "green";
    case Colour::kYellow: return "#EAB839";
    case Colour::kOrange: return "orange";
    case Colour::kRed: return "red";
    case Colour::kBlue: return "blue";
    case Colour::kGrey: return "#808080";
  }
  return "";
}

}  // namespace penstock::monitoring
