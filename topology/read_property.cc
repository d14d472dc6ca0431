#include "topology/read_property.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "topology/hint.h"
#include "topology/parse.h"

namespace penstock::topology {
namespace {

std::string found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return "has no value";
    case Node::Kind::kList: return "is a list";
    case Node::Kind::kMap: return "is a map";
    case Node::Kind::kScalar: break;
  }
  constexpr size_t kShown = 60;
  const std::string shown = node.text.size() <= kShown ? node.text : node.text.substr(0, kShown) + "...";
  return std::string("is ") + (node.quoted ? "the quoted text " : "") + "\"" + shown + "\"";
}

std::string number_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", number);
  return text;
}

class Reader {
 public:
  Reader(const Property& property, const Node& node, Diagnostics& diagnostics)
      : property_(property), node_(node), diagnostics_(diagnostics) {}

  std::optional<PropertyValue> run() {
    if (node_.broken)
      return std::nullopt;
    PropertyValue value;
    value.place = node_.place;
    if (!read(value))
      return std::nullopt;
    return value;
  }

 private:
  bool read(PropertyValue& value) {
    if (property_.kind == Kind::kList)
      return read_list(value);
    if (property_.kind == Kind::kMap)
      return read_map(value);
    if (property_.kind == Kind::kGroup)
      return read_group(value);
    if (node_.kind != Node::Kind::kScalar)
      return wrong();
    switch (property_.kind) {
      case Kind::kBool: return read_bool(value);
      case Kind::kInteger: return read_integer(value);
      case Kind::kNumber: return read_number(value);
      case Kind::kDuration: return read_duration(value);
      case Kind::kBytes: return read_bytes(value);
      case Kind::kChoice: return read_choice(value);
      default: return read_text(value);
    }
  }

  bool read_text(PropertyValue& value) {
    if (node_.text.empty() && property_.kind != Kind::kString)
      return wrong();
    value.value = node_.text;
    value.text_map = node_.text_map;
    return true;
  }

  bool read_bool(PropertyValue& value) {
    if (node_.quoted || (node_.text != "true" && node_.text != "false"))
      return wrong();
    value.value = node_.text == "true";
    return true;
  }

  template <class T>
  bool parse_number(T& number) {
    const char* end = node_.text.data() + node_.text.size();
    const auto result = std::from_chars(node_.text.data(), end, number);
    return !node_.quoted && result.ec == std::errc() && result.ptr == end;
  }

  bool read_integer(PropertyValue& value) {
    int64_t number = 0;
    if (!parse_number(number))
      return wrong();
    value.value = number;
    return in_bounds(static_cast<double>(number), number_text);
  }

  bool read_number(PropertyValue& value) {
    double number = 0;
    if (!parse_number(number) || !std::isfinite(number))
      return wrong();
    value.value = number;
    return in_bounds(number, number_text);
  }

  bool read_duration(PropertyValue& value) {
    const Result<Duration> duration = parse_duration(node_.text);
    if (!duration.ok())
      return wrong();
    value.value = *duration;
    return in_bounds(duration->seconds(), [](double seconds) {
      return to_string(Duration{static_cast<int64_t>(std::llround(seconds * 1e6))});
    });
  }

  bool read_bytes(PropertyValue& value) {
    const Result<Bytes> bytes = parse_bytes(node_.text);
    if (!bytes.ok())
      return wrong();
    value.value = *bytes;
    return in_bounds(static_cast<double>(bytes->count),
                     [](double count) { return to_string(Bytes{static_cast<uint64_t>(count)}); });
  }

  bool read_choice(PropertyValue& value) {
    for (const std::string& choice : property_.choices)
      if (choice == node_.text)
        return read_text(value);
    diagnostics_.error(node_.place, "unknown-choice", property_.name + " cannot be \"" + node_.text + "\"",
                       nearest_hint(node_.text, property_.choices, "it is one of"));
    return false;
  }

  // The declaration of one element, so that an element is read and described like a property.
  Property element() const {
    Property property = property_;
    property.kind = property_.element;
    property.minimum = property.maximum = std::nullopt;
    return property;
  }

  bool read_list(PropertyValue& value) {
    if (node_.kind != Node::Kind::kList)
      return wrong();
    if (node_.items.size() > kMaxEntries)
      return too_many();
    const Property each = element();
    PropertyList list;
    bool good = true;
    for (const Node& item : node_.items) {
      auto read_item = read_property(each, item, diagnostics_);
      good = good && read_item;
      if (read_item)
        list.push_back(std::move(*read_item));
    }
    value.value = std::move(list);
    return good && enough_entries(node_.items.size());
  }

  bool read_map(PropertyValue& value) {
    if (node_.kind != Node::Kind::kMap)
      return wrong();
    if (node_.entries.size() > kMaxEntries)
      return too_many();
    Property each = element();
    PropertyMap map;
    bool good = true;
    for (const Entry& entry : node_.entries) {
      each.name = property_.name + "." + entry.key;
      auto read_entry = read_property(each, entry.value, diagnostics_);
      good = good && read_entry;
      if (!read_entry)
        continue;
      read_entry->key_place = entry.key_place;
      map.emplace_back(entry.key, std::move(*read_entry));
    }
    value.value = std::move(map);
    return good && enough_entries(node_.entries.size());
  }

  bool read_group(PropertyValue& value) {
    Node bare;
    if (node_.kind == Node::Kind::kScalar && !property_.scalar.empty()) {
      bare.kind = Node::Kind::kMap;
      bare.place = node_.place;
      bare.entries.push_back({property_.scalar, node_.place, node_});
    } else if (node_.kind != Node::Kind::kMap) {
      return wrong();
    }
    PropertyValues members;
    const size_t mistakes = diagnostics_.list().size();
    read_properties(property_.members, bare.entries.empty() ? node_ : bare, {}, property_.name, node_.place,
                    diagnostics_, members);
    PropertyMap map;
    for (const Property& member : property_.members)
      if (const auto found = members.find(member.name); found != members.end())
        map.emplace_back(member.name, std::move(found->second));
    value.value = std::move(map);
    return diagnostics_.list().size() == mistakes;
  }

  bool too_many() {
    diagnostics_.error(node_.place, "too-large",
                       property_.name + " has more than " + std::to_string(kMaxEntries) + " entries");
    return false;
  }

  bool enough_entries(size_t count) {
    return in_bounds(static_cast<double>(count), [](double entries) { return number_text(entries) + " entries"; });
  }

  template <class Show>
  bool in_bounds(double number, const Show& show) {
    if (property_.minimum && number < *property_.minimum)
      return out_of_bounds(show(number), "at least " + show(*property_.minimum));
    if (property_.maximum && number > *property_.maximum)
      return out_of_bounds(show(number), "at most " + show(*property_.maximum));
    return true;
  }

  bool out_of_bounds(const std::string& is, const std::string& must_be) {
    const bool counted = property_.kind == Kind::kList || property_.kind == Kind::kMap;
    diagnostics_.error(
        node_.place, "out-of-bounds",
        property_.name + (counted ? " has " : " is ") + is + ", but must " + (counted ? "have " : "be ") + must_be);
    return false;
  }

  bool wrong() {
    std::string hint;
    const bool bare =
        property_.kind == Kind::kBool || property_.kind == Kind::kInteger || property_.kind == Kind::kNumber;
    if (bare && node_.quoted && node_.kind == Node::Kind::kScalar)
      hint = "remove the quotes";
    if (property_.kind == Kind::kList && node_.kind == Node::Kind::kScalar)
      hint = "write [" + node_.text + "]";
    if (property_.kind == Kind::kBool && (node_.text == "yes" || node_.text == "on"))
      hint = "write true";
    if (property_.kind == Kind::kBool && (node_.text == "no" || node_.text == "off"))
      hint = "write false";
    diagnostics_.error(node_.place, "wrong-type",
                       property_.name + " must be " + expected(property_) + ", but " + found(node_), hint);
    return false;
  }

  const Property& property_;
  const Node& node_;
  Diagnostics& diagnostics_;
};

std::string plural(Kind kind) {
  switch (kind) {
    case Kind::kColumn: return "columns";
    case Kind::kExpression: return "SQL expressions";
    case Kind::kComponent: return "component ids";
    case Kind::kInteger: return "whole numbers";
    case Kind::kNumber: return "numbers";
    case Kind::kPath: return "paths";
    case Kind::kGroup: return "maps";
    default: return "texts";
  }
}

std::vector<std::string> member_names(const Property& group) {
  std::vector<std::string> names;
  for (const Property& member : group.members)
    names.push_back(member.name);
  return names;
}

}  // namespace

std::string expected(const Property& property) {
  const std::string unit = property.unit.empty() ? "" : " of " + property.unit;
  switch (property.kind) {
    case Kind::kString: return "a text";
    case Kind::kBool: return "true or false";
    case Kind::kInteger:
      return "a whole number" + unit + " such as " + (property.default_value.empty() ? "8" : property.default_value);
    case Kind::kNumber:
      return "a number" + unit + " such as " + (property.default_value.empty() ? "0.5" : property.default_value);
    case Kind::kDuration:
      return "a duration such as " + (property.default_value.empty() ? "50ms" : property.default_value) +
             " (units us, ms, s, m, h, d)";
    case Kind::kBytes:
      return "a size such as " + (property.default_value.empty() ? "64MiB" : property.default_value) +
             " (units B, KiB, MiB, GiB, TiB)";
    case Kind::kPath: return "a path";
    case Kind::kColumn: return "the name of a column";
    case Kind::kExpression: return "a SQL expression";
    case Kind::kComponent: return "the id of a component";
    case Kind::kChoice: return "one of " + joined(property.choices);
    case Kind::kList: return "a list of " + plural(property.element);
    case Kind::kMap: return "a map from names to " + plural(property.element);
    case Kind::kQuery: return "a SQL SELECT";
    case Kind::kSchema: return "the name of a schema";
    case Kind::kGroup: return "a map with the keys " + joined(member_names(property));
  }
  return "";
}

std::optional<PropertyValue> read_property(const Property& property, const Node& node, Diagnostics& diagnostics) {
  return Reader(property, node, diagnostics).run();
}

std::optional<PropertyValue> default_value(const Property& property, Place place) {
  if (property.default_value.empty())
    return std::nullopt;
  Diagnostics ignored;
  Node node;
  if (property.kind == Kind::kList || property.kind == Kind::kMap || property.kind == Kind::kGroup) {
    const auto parsed = parse(
        "value: " + property.default_value, [](const std::string&) { return std::nullopt; }, ignored);
    if (!parsed || parsed->find("value") == nullptr)
      return std::nullopt;
    node = *parsed->find("value");
  } else {
    node.kind = Node::Kind::kScalar;
    node.text = property.default_value;
  }
  std::optional<PropertyValue> value = read_property(property, node, ignored);
  if (value) {
    value->place = place;
    value->defaulted = true;
  }
  return value;
}

void unknown_key(const Entry& entry, const std::vector<std::string>& known, const std::string& what,
                 Diagnostics& diagnostics) {
  diagnostics.error(entry.key_place, "unknown-key", what + " has no key \"" + entry.key + "\"",
                    nearest_hint(entry.key, known, "its keys are"));
}

bool read_properties(const std::vector<Property>& properties, const Node& map,
                     const std::vector<std::string>& also_known, const std::string& what, Place place,
                     Diagnostics& diagnostics, PropertyValues& out) {
  std::vector<std::string> known = also_known;
  bool complete = true;
  for (const Property& property : properties) {
    known.push_back(property.name);
    const Node* node = map.find(property.name);
    std::optional<PropertyValue> value;
    if (node != nullptr)
      value = read_property(property, *node, diagnostics);
    else if (property.required)
      diagnostics.error(place, "missing-key", what + " needs the key " + property.name, "it is " + expected(property));
    if (!value && property.required)
      complete = false;
    if (!value)
      value = default_value(property, place);
    if (value)
      out.insert_or_assign(property.name, std::move(*value));
  }
  for (const Entry& entry : map.entries)
    if (std::find(known.begin(), known.end(), entry.key) == known.end())
      unknown_key(entry, known, what, diagnostics);
  return complete;
}

}  // namespace penstock::topology
