// What Grafana calls kinds of panels, units and colours.
// Source: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
#pragma once

#include "monitoring/panels/panel.h"

namespace penstock::monitoring {

const char* type_of(PanelKind kind);
const char* name_of(Unit unit);
const char* name_of(Colour colour);

}  // namespace penstock::monitoring
