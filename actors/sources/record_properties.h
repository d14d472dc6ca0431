// What sources that read text from outside declare about its records: their schema, event time, and how timestamps are
// written.
#pragma once

#include <vector>

#include "messages/timestamp_unit.h"
#include "topology/component_type.h"

namespace penstock {

/// schema, event_time, timestamp_unit.
std::vector<topology::Property> record_properties();
/// The records' schema, with mistakes in these properties reported; null if it is not known.
SchemaPtr check_records(const topology::Component& component, const topology::BindContext& context);
/// Of a source; the default if it does not declare one.
TimestampUnits timestamp_units(const topology::Component& component);

}  // namespace penstock
