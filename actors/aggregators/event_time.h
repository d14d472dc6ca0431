// The properties of an operator that goes by event time, the same for all of them. Pure functions.
#pragma once

#include <optional>
#include <vector>

#include "topology/bind_helpers.h"

namespace penstock {

/// What a Watermark is made of.
struct EventTime {
  std::optional<size_t> time;  // the column of the input
  Duration lateness;
  std::optional<Duration> idle_timeout;
};

/// time, allowed_lateness, idle_timeout. `required`: time is.
std::vector<topology::Property> event_time_properties(bool required);
/// Reports a column that there is not, or that is no time.
EventTime read_event_time(const topology::Component& component, const SchemaPtr& input,
                          topology::Diagnostics& diagnostics);

}  // namespace penstock
