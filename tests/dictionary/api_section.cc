#include <rapidjson/document.h>

#include <stdexcept>

#include "actors/servers/api_routes.h"
#include "tests/dictionary/dictionary.h"

namespace penstock::dictionary {
namespace {

using Json = rapidjson::Value;

std::string text(const Json& schema, const char* name) {
  return schema.HasMember(name) && schema[name].IsString() ? schema[name].GetString() : "";
}

std::string linked(const std::string& reference) {
  const std::string name = reference.substr(reference.rfind('/') + 1);
  std::string anchor = "schema-";
  for (const char c : name)
    anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return "[" + name + "](#" + anchor + ")";
}

/// `integer`, `string or null`, `list of Item`, `one of all, warm, cold`.
std::string type_of(const Json& schema) {
  if (const std::string reference = text(schema, "$ref"); !reference.empty())
    return linked(reference);
  const auto joined = [](const Json& list, const char* between, const auto& one) {
    std::string out;
    for (const Json& each : list.GetArray())
      out += (out.empty() ? "" : between) + one(each);
    return out;
  };
  if (schema.HasMember("oneOf"))
    return joined(schema["oneOf"], " or ", type_of);
  if (schema.HasMember("enum"))
    return "one of " + joined(schema["enum"], ", ", [](const Json& value) {
             return value.IsString() ? "`" + std::string(value.GetString()) + "`" : "null";
           });
  if (schema.HasMember("type") && schema["type"].IsArray())
    return joined(schema["type"], " or ", [](const Json& value) { return std::string(value.GetString()); });
  std::string type = text(schema, "type");
  if (type == "array")
    return "list of " + (schema.HasMember("items") ? type_of(schema["items"]) : "anything");
  if (const std::string format = text(schema, "format"); !format.empty())
    type += " (" + format + ")";
  return type.empty() ? "anything" : type;
}

bool is_required(const Json& schema, const char* name) {
  if (schema.HasMember("required"))
    for (const Json& each : schema["required"].GetArray())
      if (std::string_view(each.GetString()) == name)
        return true;
  return false;
}

void add_fields(const std::string& of, const Json& schema, const std::string& path, std::string& rows);

/// What stands inside a field: an object's fields, those of a list's members, of each alternative.
void add_inner(const std::string& of, const Json& schema, const std::string& path, std::string& rows) {
  if (schema.HasMember("properties"))
    add_fields(of, schema, path + ".", rows);
  if (schema.HasMember("items"))
    add_inner(of, schema["items"], path + "[]", rows);
  if (schema.HasMember("oneOf"))
    for (const Json& each : schema["oneOf"].GetArray())
      add_inner(of, each, path, rows);
}

void add_fields(const std::string& of, const Json& schema, const std::string& path, std::string& rows) {
  for (const auto& property : schema["properties"].GetObject()) {
    const std::string name = path + property.name.GetString();
    const std::string plain = name.starts_with('.') ? name.substr(1) : name;
    std::string meaning = text(property.value, "description");
    if (meaning.empty())
      meaning = meaning_of(of, plain);
    rows += "| `" + plain + "` | " + type_of(property.value) + " | " +
            (is_required(schema, property.name.GetString()) ? "always" : "") + " | " + meaning + " |\n";
    add_inner(of, property.value, name, rows);
  }
}

}  // namespace

std::string api_section() {
  std::string out =
      "## The API's schemas\n\nWhat requests and answers of the HTTP API hold, as `GET /openapi.json` tells it too. "
      "`[]` are the members of\na list; *always*: the field is always there.\n";
  for (const auto& [name, schema] : api_schemas()) {
    rapidjson::Document document;
    document.Parse(schema.data(), schema.size());
    if (document.HasParseError())
      throw std::runtime_error("the schema " + name + " is no JSON");
    out += "\n### schema `" + name + "`\n\n";
    std::string about = text(document, "description");
    if (!document.HasMember("properties"))
      about = type_of(document) + (about.empty() ? "" : ": " + about);
    if (!about.empty())
      out += about + "\n\n";
    std::string rows;
    add_inner(name, document, "", rows);
    if (rows.empty())
      continue;
    out += "| field | type | | meaning |\n| --- | --- | --- | --- |\n" + rows;
  }
  return out;
}

}  // namespace penstock::dictionary
