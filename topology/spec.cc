#include "topology/spec.h"

#include <algorithm>

#include "topology/by_type.h"
#include "topology/hint.h"
#include "topology/outside.h"
#include "topology/read_schema.h"

namespace penstock::topology {
namespace {

class SpecReader {
 public:
  SpecReader(const Node& root, const Catalogue& catalogue, const SettingsType& settings, Diagnostics& diagnostics)
      : root_(root), catalogue_(catalogue), settings_(settings), diagnostics_(diagnostics) {}

  Spec run() {
    check_keys();
    read_name();
    if (const Node* schemas = section("schemas"))
      spec_.schemas = read_schemas(*schemas, diagnostics_);
    for (const Role role : kRoles)
      if (const Node* components = section(section_name(role)))
        read_components(role, *components);
    read_settings();
    if (const Node* tests = section("tests"))
      spec_.tests = std::make_shared<const Node>(*tests);
    return std::move(spec_);
  }

 private:
  void check_keys() {
    std::vector<std::string> known = {"name", "schemas", "settings", "tests"};
    for (const Role role : kRoles)
      known.insert(known.end() - 2, section_name(role));
    for (const Entry& entry : root_.entries) {
      if (std::find(known.begin(), known.end(), entry.key) == known.end())
        unknown_key(entry, known, "a topology", diagnostics_);
    }
  }

  void read_name() {
    const Node* name = root_.find("name");
    if (name == nullptr) {
      diagnostics_.error(root_.place, "missing-key", "a topology needs the key name",
                         "write `name: food-delivery`, say");
      return;
    }
    if (name->broken)
      return;
    if (name->kind != Node::Kind::kScalar || !is_id(name->text))
      bad_id(name->place, name->text);
    else
      spec_.name = name->text;
  }

  // The map below a top-level key; null if it is absent, empty or no map.
  const Node* section(const std::string& name) {
    const Node* node = root_.find(name);
    if (node == nullptr || node->kind == Node::Kind::kNull)
      return nullptr;
    if (node->kind == Node::Kind::kMap)
      return node;
    diagnostics_.error(node->place, "wrong-type", name + " must be a map from names to declarations",
                       name == "schemas" ? "write `delivery: {id: int64}` below it, say"
                                         : "write `some_name: {type: ...}` below it, say");
    return nullptr;
  }

  void read_settings() {
    static const Node kNone{Node::Kind::kMap, {}, {}, false, false, {}, {}, {}};
    const Node* node = section("settings");
    read_properties(settings_.properties, node == nullptr ? kNone : *node, {}, "settings",
                    node == nullptr ? root_.place : node->place, diagnostics_, spec_.settings);
    if (settings_.check)
      settings_.check(spec_.settings, diagnostics_);
  }

  void bad_id(Place place, const std::string& text) {
    diagnostics_.error(place, "bad-id", "\"" + text + "\" cannot be a name",
                       "names begin with a small letter and consist of small letters, digits, _ and -");
  }

  void read_components(Role role, const Node& section) {
    for (const Entry& entry : section.entries) {
      if (spec_.components.size() == kMaxComponents) {
        diagnostics_.error(entry.key_place, "too-large",
                           "a topology has at most " + std::to_string(kMaxComponents) + " components", "split it");
        return;
      }
      read_component(role, entry);
    }
  }

  void read_component(Role role, const Entry& entry) {
    DeclaredComponent declared;
    Component& component = declared.component;
    component.role = role;
    component.id = entry.key;
    component.place = entry.key_place;
    if (!is_id(entry.key))
      bad_id(entry.key_place, entry.key);
    if (const auto [first, fresh] = ids_.emplace(entry.key, entry.key_place); !fresh) {
      diagnostics_.error(
          entry.key_place, "duplicate-id",
          "the name " + entry.key + " is taken; it was declared in line " + std::to_string(first->second.line),
          "all components share one set of names");
      component.id.clear();  // checked on its own, but nobody can mean it
    }
    const std::string what = std::string(role_name(role)) + " " + entry.key;
    if (entry.value.kind != Node::Kind::kMap) {
      if (!entry.value.broken)
        diagnostics_.error(entry.value.kind == Node::Kind::kNull ? entry.key_place : entry.value.place, "wrong-type",
                           "the " + what + " must be a map with a type", type_hint(role));
    } else {
      read_type(role, entry, what, declared);
      for (const Entry& own : entry.value.entries)
        if (own.value.kind == Node::Kind::kMap && is_of_type(catalogue_, role, own.key))
          mention_schemas(own.value);
      const Node own = entries_of_type(entry.value, catalogue_, role, component.type);
      read_inputs(own, component);
      if (declared.type != nullptr)
        declared.complete = read_properties(declared.type->properties, own, {"type", "input", "inputs"},
                                            "the " + declared.type->name + " " + entry.key, entry.key_place,
                                            diagnostics_, component.properties);
      if (declared.type != nullptr)
        for (const std::string& property : declared.type->input_properties)
          add_named_input(property, component);
    }
    spec_.components.push_back(std::move(declared));
  }

  // What a type that was not chosen names is not unused.
  void mention_schemas(const Node& node) {
    for (const Entry& entry : node.entries) {
      if (const auto found = spec_.schemas.find(entry.value.text);
          entry.key == "schema" && entry.value.kind == Node::Kind::kScalar && found != spec_.schemas.end())
        found->second.used = true;
      mention_schemas(entry.value);
    }
  }

  std::string type_hint(Role role) const {
    return "the types of " + section_name(role) + " are " + joined(catalogue_.names(role));
  }

  void read_type(Role role, const Entry& entry, const std::string& what, DeclaredComponent& declared) {
    const Node* type = entry.value.find("type");
    if (type == nullptr && role == Role::kJob) {  // there is one type of job, and its name says nothing
      declared.component.type = "job";
      declared.type = catalogue_.find(role, "job");
      return;
    }
    if (type == nullptr || type->kind != Node::Kind::kScalar) {
      diagnostics_.error(type == nullptr ? entry.key_place : type->place, "missing-key",
                         "the " + what + " needs a type", type_hint(role));
      return;
    }
    if (type->broken)
      return;
    declared.component.type = type->text;
    declared.type = catalogue_.find(role, type->text);
    if (declared.type != nullptr && !declared.type->internal)
      return;
    declared.type = nullptr;
    const std::string named = "named \"" + type->text + "\"";
    std::string hint = nearest_hint(type->text, catalogue_.names(role), "the types of " + section_name(role) + " are");
    for (const Role other : kRoles)
      if (catalogue_.find(other, type->text) != nullptr)
        hint = type->text + " is the type of a " + std::string(role_name(other)) + "; declare it under " +
               section_name(other) + ":";
    diagnostics_.error(type->place, "unknown-type", "there is no type of " + std::string(role_name(role)) + " " + named,
                       hint);
  }

  void read_inputs(const Node& node, Component& component) {
    const Entry* one = node.entry("input");
    const Entry* many = node.entry("inputs");
    if (one != nullptr && many != nullptr)
      diagnostics_.error(many->key_place, "bad-input", "both input and inputs are given", "keep one of them");
    static const Property kInput{.name = "input", .kind = Kind::kComponent, .meaning = ""};
    static const Property kInputs{.name = "inputs", .kind = Kind::kList, .meaning = "", .element = Kind::kComponent};
    std::vector<PropertyValue> values;
    if (one != nullptr) {
      if (auto value = read_property(kInput, one->value, diagnostics_))
        values.push_back(std::move(*value));
      else
        component.input_places.push_back(one->value.place);
    } else if (many != nullptr) {
      if (auto value = read_property(kInputs, many->value, diagnostics_))
        values = std::get<PropertyList>(value->value);
      else
        component.input_places.push_back(many->value.place);
    }
    // An input that was wrong is known by its place only: it counts as given, and is not reported as missing.
    if (!component.input_places.empty())
      component.inputs.emplace_back();
    for (const PropertyValue& value : values) {
      component.inputs.push_back(std::get<std::string>(value.value));
      component.input_places.push_back(value.place);
    }
  }

  // An input that a property names, or a member of a group; or another output of what it names.
  static void add_named_input(const std::string& property, Component& component) {
    const size_t mark = property.find('>');
    const std::string path = property.substr(0, mark);
    const size_t dot = path.find('.');
    const PropertyValue* value = component.find(path.substr(0, dot));
    if (value != nullptr && dot != std::string::npos)
      value = value->find(path.substr(dot + 1));
    const auto* id = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    if (id == nullptr)
      return;
    component.inputs.push_back(mark == std::string::npos ? *id : *id + "." + property.substr(mark + 1));
    component.input_places.push_back(value->place);
    ++component.named_inputs;
  }

  const Node& root_;
  const Catalogue& catalogue_;
  const SettingsType& settings_;
  Diagnostics& diagnostics_;
  Spec spec_;
  std::map<std::string, Place> ids_;
};

}  // namespace

std::string section_name(Role role) { return std::string(role_name(role)) + "s"; }

bool is_id(std::string_view text) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && small(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return small(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Spec read_spec(const Node& root, const Catalogue& catalogue, const SettingsType& settings, Diagnostics& diagnostics) {
  const Node whole = with_outside(with_one_type_each(root), catalogue);
  return SpecReader(whole, catalogue, settings, diagnostics).run();
}

}  // namespace penstock::topology
