#include "topology/reference.h"

#include <cmath>
#include <cstdio>

#include "core/units.h"
#include "topology/read_property.h"
#include "topology/spec.h"

namespace penstock::topology {
namespace {

constexpr const char* kHead =
    "# Topology reference\n"
    "\n"
    "Made by `penstock reference` from the declarations in the source; do not edit.\n"
    "\n"
    "A topology is a YAML file with the keys `name`, `schemas`, `sources`, `stages`, `sinks`, `models`, "
    "`recommenders`, "
    "`experiments`, `servers`, `jobs`, `tests` and `settings`. Every component has a name of its own (small letters, "
    "digits, `_` and `-`), a `type`, and unless it "
    "is a "
    "source or a server an `input` (or `inputs: [a, b]`): the names of the sources or stages that it reads; "
    "`id.name` reads an output that a stage has beside its main one. Unknown keys are errors. `penstock check FILE` "
    "names every mistake at once.\n"
    "\n"
    "- `${NAME}` and `${NAME:-default}` stand for an environment variable, anywhere in a value; `$${` is a literal "
    "`${`. "
    "Inside `{ }` and `[ ]` such a value has to be quoted.\n"
    "- A source or sink may leave its type to a variable, `type: ${INPUT:-http}`: what only one type takes stands in a "
    "map "
    "named as that type, `http: {path: /ingest/orders}`, and counts when the component is of it.\n"
    "- Durations: `50ms`, `10s`, `5m`, `1h`, `7d`. Sizes: `64KiB`, `8MiB`, `2GiB`.\n"
    "- Paths are relative to the folder of the file.\n"
    "- Columns of a schema: `name: type`, or `name: {type: int64, required: true}`; the types are `bool`, `int64`, "
    "`float64`, "
    "`string`, `timestamp` and `json`.\n";

std::string kind_name(Kind kind) {
  switch (kind) {
    case Kind::kString: return "text";
    case Kind::kBool: return "true or false";
    case Kind::kInteger: return "whole number";
    case Kind::kNumber: return "number";
    case Kind::kDuration: return "duration";
    case Kind::kBytes: return "size";
    case Kind::kPath: return "path";
    case Kind::kColumn: return "column";
    case Kind::kExpression: return "SQL expression";
    case Kind::kComponent: return "component";
    case Kind::kChoice: return "choice";
    case Kind::kQuery: return "SQL SELECT";
    case Kind::kSchema: return "schema";
    case Kind::kGroup: return "map of the keys below";
    case Kind::kList:
    case Kind::kMap: break;
  }
  return "";
}

std::string bound_text(const Property& property, double bound) {
  if (property.kind == Kind::kDuration)
    return to_string(Duration{std::llround(bound * 1e6)});
  if (property.kind == Kind::kBytes)
    return to_string(Bytes{static_cast<uint64_t>(bound)});
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", bound);
  return text;
}

// What may be written, in one cell of the table.
std::string value_text(const Property& property) {
  std::string out;
  if (property.kind == Kind::kList)
    out = property.element == Kind::kGroup ? "list of maps with the keys below"
                                           : "list of " + kind_name(property.element) + "s";
  else if (property.kind == Kind::kMap)
    out = property.element == Kind::kGroup ? "map from names to maps with the keys below"
                                           : "map from names to " + kind_name(property.element) + "s";
  else
    out = kind_name(property.kind);
  if (property.kind == Kind::kChoice) {
    out.clear();
    for (const std::string& choice : property.choices)
      out += (out.empty() ? "`" : ", `") + choice + "`";
  }
  if (!property.scalar.empty())
    out += ", or `" + property.scalar + "` alone";
  if (!property.unit.empty())
    out += " of " + property.unit;
  if (property.minimum && property.maximum && *property.minimum == *property.maximum)
    out += ", exactly " + bound_text(property, *property.minimum);
  else if (property.minimum && property.maximum)
    out += ", " + bound_text(property, *property.minimum) + " to " + bound_text(property, *property.maximum);
  else if (property.minimum)
    out += ", at least " + bound_text(property, *property.minimum);
  else if (property.maximum)
    out += ", at most " + bound_text(property, *property.maximum);
  return out;
}

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  return out;
}

// A member of a group stands below it: `rules[].check`, `columns.*.range`.
void table_rows(const std::vector<Property>& properties, const std::string& within, std::string& out) {
  for (const Property& property : properties) {
    out += "| `" + within + property.name + "` | " + cell(value_text(property)) + " | " +
           (property.required                ? "required"
            : property.default_value.empty() ? ""
                                             : "`" + cell(property.default_value) + "`") +
           " | " + cell(property.meaning) + " |\n";
    const char* each = property.kind == Kind::kList ? "[]." : property.kind == Kind::kMap ? ".*." : ".";
    table_rows(property.members, within + property.name + each, out);
  }
}

void table(const std::vector<Property>& properties, std::string& out) {
  if (properties.empty())
    return;
  out += "\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
  table_rows(properties, "", out);
}

std::string inputs_text(const ComponentType& type) {
  if (type.name == "query" && type.role == Role::kStage)
    return "Reads what its `FROM` names.";
  if (type.max_inputs == 0)
    return "";
  if (type.min_inputs == type.max_inputs)
    return "Reads " + std::to_string(type.min_inputs) + (type.min_inputs == 1 ? " input." : " inputs.");
  return "Reads " + std::to_string(type.min_inputs) + " to " + std::to_string(type.max_inputs) + " inputs.";
}

void describe(const ComponentType& type, std::string& out) {
  const std::string inputs = inputs_text(type);
  out += "\n### " + std::string(role_name(type.role)) + " `" + type.name + "`\n\n" + type.summary +
         (inputs.empty() ? "" : " " + inputs) + "\n";
  table(type.properties, out);
  if (type.example.empty())
    return;
  out += "\n```yaml\n" + type.example + (type.example.back() == '\n' ? "" : "\n") + "```\n";
}

}  // namespace

std::string reference(const Catalogue& catalogue, const SettingsType& settings) {
  std::string out = kHead;
  for (const Role role : kRoles) {
    std::string title = section_name(role);
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    out += "\n## " + title + "\n";
    for (const ComponentType& type : catalogue.types())
      if (type.role == role && !type.internal)
        describe(type, out);
  }
  out += "\n## Settings\n\nOf the whole node, under `settings:`.\n";
  table(settings.properties, out);
  return out;
}

}  // namespace penstock::topology
