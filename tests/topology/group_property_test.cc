// Properties that are groups: maps with keys of their own, alone or as the elements of lists and maps.
#include <catch2/catch.hpp>

#include "small_catalogue.h"
#include "topology/parse.h"
#include "topology/read_property.h"

using namespace penstock::topology;

namespace {

const std::vector<Property> kMembers = {
    {.name = "least", .kind = Kind::kInteger, .meaning = "", .default_value = "1", .minimum = 0},
    {.name = "word", .kind = Kind::kString, .meaning = "", .required = true}};
const Property kOne{.name = "it", .kind = Kind::kGroup, .meaning = "", .members = kMembers};
const Property kMany{.name = "it", .kind = Kind::kMap, .meaning = "", .element = Kind::kGroup, .members = kMembers};
const Property kList{.name = "it", .kind = Kind::kList, .meaning = "", .element = Kind::kGroup, .members = kMembers};

std::string shown(const PropertyValue& value) {
  if (const auto* list = std::get_if<PropertyList>(&value.value)) {
    std::string out = "[";
    for (const PropertyValue& item : *list)
      out += shown(item);
    return out + "]";
  }
  std::string out = "{";
  for (const auto& [key, entry] : std::get<PropertyMap>(value.value)) {
    out += (out.size() == 1 ? "" : " ") + key + ":";
    if (const auto* text = std::get_if<std::string>(&entry.value))
      out += *text;
    else if (const auto* number = std::get_if<int64_t>(&entry.value))
      out += std::to_string(*number);
    else
      out += shown(entry);
  }
  return out + "}";
}

std::string read(const Property& property, const std::string& yaml) {
  Diagnostics diagnostics("t.yaml");
  const auto root = parse(
      "it: " + yaml, [](const std::string&) { return std::nullopt; }, diagnostics);
  const auto value = read_property(property, *root->find("it"), diagnostics);
  return value ? shown(*value) : testing::to_lines(diagnostics);
}

}  // namespace

TEST_CASE("a group holds the members that were given, and defaults for the rest") {
  CHECK(read(kOne, "{word: x, least: 3}") == "{least:3 word:x}");
  CHECK(read(kOne, "{word: x}") == "{least:1 word:x}");
  CHECK(read(kMany, "{a: {word: x}, b: {word: y, least: 2}}") == "{a:{least:1 word:x} b:{least:2 word:y}}");
  CHECK(read(kList, "[{word: x}, {word: y}]") == "[{least:1 word:x}{least:1 word:y}]");
}

TEST_CASE("a group may say which member a bare scalar gives") {
  Property many = kMany;
  many.scalar = "word";
  CHECK(read(many, "{a: x, b: {word: y, least: 2}}") == "{a:{least:1 word:x} b:{least:2 word:y}}");
  many.members[1].kind = Kind::kChoice;
  many.members[1].choices = {"large", "small"};
  CHECK(read(many, "{a: smal}") == "1:9 unknown-choice: word cannot be \"smal\" (did you mean small?)\n");
  CHECK(read(many, "{a: [x]}") == "1:9 wrong-type: it.a must be a map with the keys least, word, but is a list\n");
}

TEST_CASE("what is wrong in a group is named with its place, and a group is no scalar") {
  CHECK(read(kMany, "{a: {word: x, lest: 1}}") == "1:19 unknown-key: it.a has no key \"lest\" (did you mean least?)\n");
  CHECK(read(kMany, "{a: {least: -1}}") ==
        "1:17 out-of-bounds: least is -1, but must be at least 0\n"
        "1:9 missing-key: it.a needs the key word (it is a text)\n");
  CHECK(read(kOne, "7") == "1:5 wrong-type: it must be a map with the keys least, word, but is \"7\"\n");
}
