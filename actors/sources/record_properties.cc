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
      {.name = "unknown_fields",
       .kind = Kind::kChoice,
       .meaning =
           "What to do with fields of a record that the schema does not have: drop them, keep them as one object in "
           "the column `unknown_into`, or reject the record (of CSV, where all records have the same fields, the "
           "file or request).",
       .default_value = "drop",
       .choices = {"drop", "keep", "reject"}},
      {.name = "unknown_into",
       .kind = Kind::kColumn,
       .meaning = "The json column of the schema for `unknown_fields: keep`; null where a record has no such fields."},
  };
}

SchemaPtr check_records(const topology::Component& component, const topology::BindContext& context) {
  SchemaPtr schema = topology::check_schema(component, "schema", context);
  (void)topology::check_column(component, "event_time", schema, context.diagnostics, {Type::kTimestamp});
  const bool keep = component.text("unknown_fields") == "keep";
  const auto into = topology::check_column(component, "unknown_into", schema, context.diagnostics, {Type::kJson});
  if (keep && !component.has("unknown_into"))
    context.diagnostics.error(component.place_of("unknown_fields"), "missing-key",
                              "`unknown_fields: keep` needs the key unknown_into", "name a json column of the schema");
  if (!keep && component.has("unknown_into"))
    context.diagnostics.error(component.place_of("unknown_into"), "conflict",
                              "unknown_into is for `unknown_fields: keep`", "add that, or leave it out");
  if (into && schema->field(*into).required)
    context.diagnostics.error(
        component.place_of("unknown_into"), "conflict",
        "the column " + component.text("unknown_into") + " is required, but a record need not have unknown fields",
        "remove `required`");
  return schema;
}

UnknownFields unknown_fields(const topology::Component& component) {
  using Policy = UnknownFields::Policy;
  if (!component.has("unknown_fields") || component.text("unknown_fields") == "drop")
    return {};
  if (component.text("unknown_fields") == "reject")
    return {Policy::kReject};
  return {Policy::kKeep, component.text("unknown_into")};
}

TimestampUnits timestamp_units(const topology::Component& component) {
  TimestampUnits units;
  if (component.has("timestamp_unit"))
    units.standard = parse_timestamp_unit(component.text("timestamp_unit")).value_or(units.standard);
  return units;
}

}  // namespace penstock
