#include "actors/sources/record_properties.h"

#include "topology/bind_helpers.h"

namespace penstock {

std::vector<topology::Property> record_properties() {
  using topology::Kind;
  return {
      {.name = "schema",
       .kind = Kind::kSchema,
       .meaning = "What a record holds; fields are found by name.",
       .required = true},
      {.name = "event_time",
       .kind = Kind::kColumn,
       .meaning = "The timestamp column that says when an event happened."},
      {.name = "timestamp_unit",
       .kind = Kind::kChoice,
       .meaning = "What a number in a timestamp's place counts since 1970.",
       .default_value = "ms",
       .choices = {"s", "ms", "us"}},
  };
}

SchemaPtr check_records(const topology::Component& component, const topology::BindContext& context) {
  SchemaPtr schema = topology::check_schema(component, "schema", context);
  (void)topology::check_column(component, "event_time", schema, context.diagnostics, {Type::kTimestamp});
  return schema;
}

TimestampUnits timestamp_units(const topology::Component& component) {
  TimestampUnits units;
  if (component.has("timestamp_unit"))
    units.standard = parse_timestamp_unit(component.text("timestamp_unit")).value_or(units.standard);
  return units;
}

}  // namespace penstock
