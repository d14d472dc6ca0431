#include "topology/json_schema.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "topology/spec.h"

namespace penstock::topology {
namespace {

constexpr const char* kId = "^[a-z][a-z0-9_-]*$";
constexpr const char* kVariable = "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}";

// A scalar may be a variable instead: numbers, booleans, durations and sizes then are text in YAML's eyes.
class SchemaWriter {
 public:
  SchemaWriter(const Catalogue& catalogue, const SettingsType& settings)
      : catalogue_(catalogue), settings_(settings), writer_(buffer_) {
    writer_.SetIndent(' ', 2);
  }

  std::string run() {
    object([&] {
      text("$schema", "https://json-schema.org/draft/2020-12/schema");
      text("title", "Penstock topology");
      text("type", "object");
      strings("required", {"name", "sources"});
      key("properties");
      object([&] { sections(); });
      no_more();
    });
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  template <class Content>
  void object(const Content& content) {
    writer_.StartObject();
    content();
    writer_.EndObject();
  }
  void key(const std::string& name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void string(const std::string& value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void text(const std::string& name, const std::string& value) {
    key(name);
    string(value);
  }
  void strings(const std::string& name, const std::vector<std::string>& values) {
    key(name);
    writer_.StartArray();
    for (const std::string& value : values)
      string(value);
    writer_.EndArray();
  }
  void number(const std::string& name, double value) {
    key(name);
    if (value == std::floor(value) && std::abs(value) < 1e15)
      writer_.Int64(static_cast<int64_t>(value));
    else
      writer_.Double(value);
  }
  void no_more() {
    key("additionalProperties");
    writer_.Bool(false);
  }

  void sections() {
    key("name");
    object([&] {
      text("description", "Names the topology, its metrics and, by default, its data folder.");
      text("type", "string");
      text("pattern", kId);
    });
    key("schemas");
    schemas();
    for (const Role role : kRoles) {
      key(section_name(role));
      components(role);
    }
    key("settings");
    object([&] {
      strings("type", {"object", "null"});
      key("properties");
      object([&] {
        for (const Property& property : settings_.properties)
          declare(property);
      });
      no_more();
    });
    key("tests");
    object([&] {
      text("description", "Tests of this topology, by name: each a round, or a list of rounds (docs/testing.md).");
      strings("type", {"object", "null"});
      key("additionalProperties");
      object([&] { strings("type", {"object", "array"}); });
    });
  }

  void schemas() {
    const std::vector<std::string> types = {"bool", "int64", "float64", "string", "timestamp", "json"};
    named_map([&] {
      text("type", "object");
      key("additionalProperties");
      object([&] {
        key("oneOf");
        writer_.StartArray();
        type_word(types);
        object([&] {
          text("type", "object");
          strings("required", {"type"});
          key("properties");
          object([&] {
            key("type");
            type_word(types);
            key("required");
            object([&] {
              text("description", "Never null: a record without it is refused.");
              or_variable("boolean", {}, false);
            });
          });
          no_more();
        });
        writer_.EndArray();
      });
    });
  }

  void type_word(const std::vector<std::string>& types) {
    object([&] {
      key("anyOf");
      writer_.StartArray();
      object([&] { strings("enum", types); });
      variable();
      writer_.EndArray();
    });
  }

  // A map from ids to what `content` says.
  template <class Content>
  void named_map(const Content& content) {
    object([&] {
      strings("type", {"object", "null"});
      key("propertyNames");
      object([&] { text("pattern", kId); });
      key("additionalProperties");
      object(content);
    });
  }

  void components(Role role) {
    named_map([&] {
      text("type", "object");
      if (role != Role::kJob)
        strings("required", {"type"});
      key("oneOf");
      writer_.StartArray();
      for (const ComponentType& type : catalogue_.types())
        if (type.role == role && !type.internal)
          object([&] { component(type); });
      if (role == Role::kSource || role == Role::kSink || role == Role::kStage)
        object([&] { by_variable(); });
      writer_.EndArray();
    });
  }

  // The type is known only when the variable is.
  void by_variable() {
    text("title", "by variable");
    text("description", "A type that a variable decides; what one type alone takes stands in a map named as the type.");
    strings("required", {"type"});
    key("properties");
    object([&] {
      key("type");
      object([&] {
        strings("type", {"string", "array"});
        text("pattern", "\\$\\{");
      });
    });
  }

  void component(const ComponentType& type) {
    text("title", type.name);
    text("description", type.summary);
    std::vector<std::string> required;
    if (type.role != Role::kJob)  // there is one type of job
      required.emplace_back("type");
    for (const Property& property : type.properties)
      if (property.required)
        required.push_back(property.name);
    strings("required", required);
    key("properties");
    object([&] {
      key("type");
      object([&] { text("const", type.name); });
      inputs(type);
      for (const Property& property : type.properties)
        declare(property);
    });
    no_more();
  }

  void inputs(const ComponentType& type) {
    if (type.max_inputs == 0 && type.name != "query")
      return;
    key("input");
    object([&] {
      text("description", "The source or stage that it reads.");
      text("type", "string");
    });
    key("inputs");
    object([&] {
      text("description", "The sources or stages that it reads.");
      text("type", "array");
      key("items");
      object([&] { text("type", "string"); });
      number("minItems", static_cast<double>(type.min_inputs));
      number("maxItems", static_cast<double>(std::max<size_t>(type.max_inputs, 1)));
    });
  }

  void declare(const Property& property) {
    key(property.name);
    object([&] {
      text("description", property.meaning);
      kind(property, property.kind);
      default_text(property);
    });
  }

  void kind(const Property& property, Kind what) {
    switch (what) {
      case Kind::kBool: or_variable("boolean", property, false); return;
      case Kind::kInteger: or_variable("integer", property, what == property.kind); return;
      case Kind::kNumber: or_variable("number", property, what == property.kind); return;
      case Kind::kDuration: pattern("(0|[0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d))"); return;
      case Kind::kBytes: pattern("(0|[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB))"); return;
      case Kind::kChoice:
        key("anyOf");
        writer_.StartArray();
        object([&] { strings("enum", property.choices); });
        variable();
        writer_.EndArray();
        return;
      case Kind::kList:
        text("type", "array");
        key("items");
        object([&] { kind(property, property.element); });
        entries(property, "minItems", "maxItems");
        return;
      case Kind::kMap:
        text("type", "object");
        key("additionalProperties");
        object([&] { kind(property, property.element); });
        entries(property, "minProperties", "maxProperties");
        return;
      case Kind::kGroup: group(property); return;
      default:
        strings("type", {"string", "number", "boolean"});  // YAML reads an unquoted 7 as a number; here it is text
    }
  }

  void group(const Property& property) {
    const auto scalar = std::find_if(property.members.begin(), property.members.end(),
                                     [&](const Property& member) { return member.name == property.scalar; });
    const auto as_map = [&] {
      text("type", "object");
      members(property);
    };
    if (scalar == property.members.end())
      return as_map();
    key("anyOf");
    writer_.StartArray();
    object([&] { kind(*scalar, scalar->kind); });
    object(as_map);
    writer_.EndArray();
  }

  void members(const Property& group) {
    std::vector<std::string> required;
    for (const Property& member : group.members)
      if (member.required)
        required.push_back(member.name);
    if (!required.empty())
      strings("required", required);
    key("properties");
    object([&] {
      for (const Property& member : group.members)
        declare(member);
    });
    no_more();
  }

  void entries(const Property& property, const char* least, const char* most) {
    if (property.minimum)
      number(least, *property.minimum);
    if (property.maximum)
      number(most, *property.maximum);
  }

  void variable() {
    object([&] {
      text("type", "string");
      text("pattern", kVariable);
    });
  }

  void or_variable(const char* type, const Property& property, bool bounds) {
    key("anyOf");
    writer_.StartArray();
    object([&] {
      text("type", type);
      if (bounds && property.minimum)
        number("minimum", *property.minimum);
      if (bounds && property.maximum)
        number("maximum", *property.maximum);
    });
    variable();
    writer_.EndArray();
  }

  void pattern(const std::string& form) {
    strings("type", {"string", "integer"});
    text("pattern", "^" + form + "$|" + kVariable);
  }

  void default_text(const Property& property) {
    const std::string& value = property.default_value;
    if (value.empty() || property.kind == Kind::kList || property.kind == Kind::kMap || property.kind == Kind::kGroup)
      return;
    key("default");
    double figure = 0;
    if (property.kind == Kind::kBool)
      writer_.Bool(value == "true");
    else if (property.kind == Kind::kInteger || property.kind == Kind::kNumber)
      std::from_chars(value.data(), value.data() + value.size(), figure), plain(figure);
    else
      string(value);
  }

  void plain(double figure) {
    if (figure == std::floor(figure))
      writer_.Int64(static_cast<int64_t>(figure));
    else
      writer_.Double(figure);
  }

  const Catalogue& catalogue_;
  const SettingsType& settings_;
  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer_;
};

}  // namespace

std::string json_schema(const Catalogue& catalogue, const SettingsType& settings) {
  return SchemaWriter(catalogue, settings).run();
}

}  // namespace penstock::topology
