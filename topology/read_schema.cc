#include "topology/read_schema.h"

#include <optional>
#include <utility>

#include "core/nearest.h"

namespace penstock::topology {
namespace {

const std::vector<std::string> kTypes = {"bool", "int64", "float64", "string", "timestamp", "json"};

// What people write who come from another system.
const std::vector<std::pair<std::string, std::string>> kOtherNames = {
    {"int", "int64"},       {"integer", "int64"},         {"long", "int64"},         {"bigint", "int64"},
    {"int32", "int64"},     {"float", "float64"},         {"double", "float64"},     {"number", "float64"},
    {"float32", "float64"}, {"real", "float64"},          {"text", "string"},        {"varchar", "string"},
    {"str", "string"},      {"boolean", "bool"},          {"datetime", "timestamp"}, {"date", "timestamp"},
    {"time", "timestamp"},  {"timestamptz", "timestamp"}, {"object", "json"},        {"jsonb", "json"}};

std::optional<Type> read_type(const Node& node, const std::string& field, Diagnostics& diagnostics) {
  if (node.broken)
    return std::nullopt;
  const std::string all = "the types are bool, int64, float64, string, timestamp, json";
  if (node.kind != Node::Kind::kScalar) {
    diagnostics.error(node.place, "wrong-type", "the type of " + field + " must be one word", all);
    return std::nullopt;
  }
  if (const std::optional<Type> type = parse_type(node.text))
    return type;
  std::optional<std::string> meant = nearest(node.text, kTypes);
  for (const auto& [other, ours] : kOtherNames)
    if (other == node.text)
      meant = ours;
  diagnostics.error(node.place, "unknown-type", "\"" + node.text + "\" is no type of a column",
                    (meant ? "did you mean " + *meant + "? " : "") + all);
  return std::nullopt;
}

std::optional<Field> read_field(const Entry& entry, Diagnostics& diagnostics) {
  const Node& node = entry.value;
  Field field{entry.key, Type::kString, false};
  if (node.kind != Node::Kind::kMap) {
    if (node.kind == Node::Kind::kNull) {
      diagnostics.error(entry.key_place, "missing-key", "the column " + entry.key + " needs a type",
                        "write `" + entry.key + ": int64`, say");
      return std::nullopt;
    }
    const std::optional<Type> type = read_type(node, entry.key, diagnostics);
    field.type = type.value_or(field.type);
    return type ? std::optional(field) : std::nullopt;
  }
  for (const Entry& part : node.entries) {
    if (part.key == "type" || part.key == "required")
      continue;
    if (part.key == "one_of")
      diagnostics.error(part.key_place, "not-supported", "one_of (allowed values of a column) is not supported yet",
                        "remove it, and check it with a validate stage: `" + entry.key + ": {one_of: [...]}`");
    else
      unknown_key(part, {"type", "required"}, "the column " + entry.key, diagnostics);
  }
  const Node* type_node = node.find("type");
  if (type_node == nullptr) {
    diagnostics.error(entry.key_place, "missing-key", "the column " + entry.key + " needs a type",
                      "write `" + entry.key + ": {type: int64}`, say");
    return std::nullopt;
  }
  const std::optional<Type> type = read_type(*type_node, entry.key, diagnostics);
  if (const Node* required = node.find("required")) {
    static const Property kRequired{.name = "required", .kind = Kind::kBool, .meaning = ""};
    const auto value = read_property(kRequired, *required, diagnostics);
    field.required = value && std::get<bool>(value->value);
  }
  field.type = type.value_or(field.type);
  // A mistake beside the type does not make the column unknown: expressions over it can still be checked.
  return type ? std::optional(field) : std::nullopt;
}

SchemaPtr read_schema(const Entry& entry, Diagnostics& diagnostics) {
  if (entry.value.broken)
    return nullptr;
  if (entry.value.kind != Node::Kind::kMap || entry.value.entries.empty()) {
    diagnostics.error(entry.key_place, "wrong-type", "the schema " + entry.key + " must be a map from columns to types",
                      "write `" + entry.key + ": {id: int64, name: string}`, say");
    return nullptr;
  }
  if (entry.value.entries.size() > kMaxColumns) {
    diagnostics.error(entry.key_place, "too-large", "a schema has at most " + std::to_string(kMaxColumns) + " columns");
    return nullptr;
  }
  std::vector<Field> fields;
  bool good = true;
  for (const Entry& part : entry.value.entries) {
    const std::optional<Field> field = read_field(part, diagnostics);
    good = good && field;
    if (field)
      fields.push_back(*field);
  }
  return good ? std::make_shared<const Schema>(std::move(fields)) : nullptr;
}

}  // namespace

std::map<std::string, DeclaredSchema, std::less<>> read_schemas(const Node& section, Diagnostics& diagnostics) {
  std::map<std::string, DeclaredSchema, std::less<>> schemas;
  for (const Entry& entry : section.entries) {
    if (schemas.size() == kMaxComponents) {
      diagnostics.error(entry.key_place, "too-large",
                        "a topology has at most " + std::to_string(kMaxComponents) + " schemas");
      break;
    }
    if (!is_id(entry.key))
      diagnostics.error(entry.key_place, "bad-id", "\"" + entry.key + "\" cannot be a name",
                        "names begin with a small letter and consist of small letters, digits, _ and -");
    schemas[entry.key] = {read_schema(entry, diagnostics), entry.key_place, false};
  }
  return schemas;
}

}  // namespace penstock::topology
