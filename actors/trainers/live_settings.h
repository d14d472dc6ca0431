// How a model is measured on the live stream, as its component declares it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/units.h"
#include "topology/component_type.h"

namespace penstock {

struct LiveSettings {
  int64_t sample = 200;                         // events a second that are looked at; 0: none
  Duration window{3'600'000'000};               // how long an event counts
  std::vector<std::string> drift_columns = {};  // of the input that are watched
  Duration drift_window{3'600'000'000};
};

/// The properties `prequential` and `drift`, and what their declarations alone cannot check.
std::vector<topology::Property> live_properties();
void check_live(const topology::Component& model, const SchemaPtr& input, topology::Diagnostics& diagnostics);
/// Requires: the component was checked; what it has not is as above.
LiveSettings live_settings(const topology::Component& model);

}  // namespace penstock
