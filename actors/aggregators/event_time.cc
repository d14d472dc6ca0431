#include "actors/aggregators/event_time.h"

namespace penstock {

std::vector<topology::Property> event_time_properties(bool required) {
  using topology::Kind;
  return {
      {.name = "time",
       .kind = Kind::kColumn,
       .meaning = "The timestamp column that says when a record happened; a record without it is rejected.",
       .required = required},
      {.name = "allowed_lateness",
       .kind = Kind::kDuration,
       .meaning = "How far records may be behind the newest one of their partition: the watermark stays so far behind.",
       .default_value = "0s",
       .minimum = 0},
      {.name = "idle_timeout",
       .kind = Kind::kDuration,
       .meaning =
           "After so long without a record a partition does not hold the watermark back, and when all are silent it "
           "goes on with the clock; by default it waits.",
       .minimum = 0.001},
  };
}

EventTime read_event_time(const topology::Component& component, const SchemaPtr& input,
                          topology::Diagnostics& diagnostics) {
  EventTime out;
  out.time = topology::check_column(component, "time", input, diagnostics, {Type::kTimestamp});
  out.lateness = component.duration("allowed_lateness");
  if (component.has("idle_timeout"))
    out.idle_timeout = component.duration("idle_timeout");
  return out;
}

}  // namespace penstock
