// What becomes of fields that the schema does not have, in JSON and CSV.
#include "messages/unknown_fields.h"

#include <catch2/catch.hpp>

#include "messages/csv.h"
#include "messages/json_lines.h"

namespace penstock {
namespace {

using Policy = UnknownFields::Policy;

const SchemaPtr kSchema = std::make_shared<const Schema>(
    std::vector<Field>{{"user", Type::kInt64, true}, {"rest", Type::kJson, false}, {"note", Type::kString, false}});

std::string shown(const Decoded& decoded) {
  std::string out = decoded.batch->to_string();
  for (const DecodeError& error : decoded.errors)
    out += error.to_string() + "\n";
  return out;
}

std::string json(const UnknownFields& unknown, std::string_view lines) {
  return shown(JsonLinesDecoder(kSchema, {{}, unknown}).decode(lines));
}

std::string csv(const UnknownFields& unknown, std::string_view text) {
  CsvOptions options;
  options.unknown_fields = unknown;
  CsvDecoder decoder(kSchema, options);
  const auto decoded = decoder.decode(text);
  const auto rest = decoder.finish();
  return decoded.ok() && rest.ok() ? shown(*decoded) + shown(*rest) : decoded.status().message();
}

TEST_CASE("unknown members of JSON records are dropped unless something else is said") {
  CHECK(json({}, R"({"user":1,"colour":"red"})") == "1|NULL|NULL\n");
}

TEST_CASE("unknown members are kept as one object, whatever they are, and null where there are none") {
  CHECK(json({Policy::kKeep, "rest"}, R"({"user":1,"colour": "r\"ed", "size" : {"x" : [1, 2]},"note":"n"}
{"user":2}
{"a":1,"user":3,"a":2,"rest":{"b":3}})") ==
        R"(1|{"colour":"r\"ed","size":{"x":[1,2]}}|n
2|NULL|NULL
3|{"a":1,"rest":{"b":3}}|NULL
)");
}

TEST_CASE("what was kept of a record that is wrong does not get into the next one") {
  CHECK(json({Policy::kKeep, "rest"}, R"({"a":1,"user":"x"}
{"user":2}
{"b":1}
{"c":1,"user":3})") == R"(2|NULL|NULL
3|{"c":1}|NULL
)"
                       "line 1:15: user: expected int64, found \"x\"\n"
                       "line 3: user: expected int64, found no such member\n");
}

TEST_CASE("a record with an unknown member can be an error, with its place and the nearest name") {
  CHECK(json({Policy::kReject}, R"({"user":1,"note":"x"}
{"user":2,"notes":"y"}
{"quite":"else","user":3})") ==
        "1|NULL|x\n"
        "line 2:11: expected a column of the schema (did you mean note?), found \"notes\"\n"
        "line 3:2: expected a column of the schema, found \"quite\"\n");
}

TEST_CASE("unknown columns of CSV are dropped, kept as texts, or refuse the whole text") {
  const char* const text = "user,colour,note,size\n1,red,n,\n2,,,\n";
  CHECK(csv({Policy::kKeep, "rest"}, text) == R"(1|{"colour":"red"}|n
2|NULL|NULL
)");
  CHECK(csv({}, "user,rest,note,colour\n1,,n,red\n") == "1|NULL|n\n");
  CHECK_THAT(csv({Policy::kReject}, "user,rest,note,nots\n1,,n,x\n"),
             Catch::Contains("the schema has no column nots; did you mean note?"));
}

}  // namespace
}  // namespace penstock
