// What sources that read text from outside declare about its records: their schema, event time, how timestamps are written,
// and what becomes of fields that the schema does not have.
#pragma once

#include <vector>

#include "messages/timestamp_unit.h"
#include "messages/unknown_fields.h"
#include "topology/component_type.h"

namespace penstock {

/// schema, event_time, timestamp_unit, unknown_fields, unknown_into.
std::vector<topology::Property> record_properties();
/// The records' schema, with mistakes in these properties reported; null if it is not known.
SchemaPtr check_records(const topology::Component& component, const topology::BindContext& context);
/// Of a source; the default if it does not declare one.
TimestampUnits timestamp_units(const topology::Component& component);
UnknownFields unknown_fields(const topology::Component& component);

}  // namespace penstock
