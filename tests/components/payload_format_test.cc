// What a source of messages says about its payloads, and what is wrong with that.
#include "actors/sources/payload_format.h"

#include <catch2/catch.hpp>

#include "actors/sources/payload_decoder.h"
#include "actors/sources/record_properties.h"
#include "tests/components/support.h"
#include "tests/support/protobuf_files.h"
#include "topology/parse.h"
#include "topology/read_property.h"

namespace penstock {
namespace {

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"city", Type::kString}});
const std::string kProto =
    "syntax = \"proto3\"; package shop; message Address { string city = 1; } "
    "message User { int64 id = 1; Address address = 2; repeated string names = 3; }";

topology::Component component_of(const std::string& yaml, topology::Diagnostics& diagnostics) {
  std::vector<topology::Property> properties = payload_properties();
  for (const topology::Property& more : record_properties())
    properties.push_back(more);
  const auto environment = [](const std::string&) { return std::optional<std::string>(); };
  const auto node = topology::parse("schema: it\n" + yaml, environment, diagnostics);
  REQUIRE(node);
  topology::Component component;
  component.role = topology::Role::kSource;
  component.id = "orders";
  component.type = "kafka";
  (void)topology::read_properties(properties, *node, {}, "the component", {}, diagnostics, component.properties);
  return component;
}

/// `line: code: text (hint)`, one a line; the properties begin on line 2.
std::string mistakes(const std::string& yaml, const SchemaPtr& schema = kSchema, const std::string& folder = ".") {
  topology::Diagnostics diagnostics("test.yaml");
  const topology::Component component = component_of(yaml, diagnostics);
  const std::vector<topology::Input> none;
  const std::function<SchemaPtr(const std::string&)> schemas = [&](const std::string&) { return schema; };
  const std::function<const topology::BoundComponent*(std::string_view)> find = [](std::string_view) {
    return nullptr;
  };
  check_payload(component, schema, {none, schemas, folder, find, diagnostics});
  std::string out;
  for (const topology::Diagnostic& diagnostic : diagnostics.list())
    out += std::to_string(diagnostic.place.line) + ": " + diagnostic.code + ": " + diagnostic.text +
           (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")") + "\n";
  return out;
}

TEST_CASE("what is for one format alone is refused in the others") {
  CHECK(mistakes("").empty());
  CHECK(mistakes("format: csv\ndelimiter: tab\nquote: none\nfields: [x, city, id]").empty());
  CHECK(mistakes("delimiter: ;")
            .find("2: conflict: delimiter is for `format: csv`, and this is json "
                  "(leave it out, or say `format: csv`)") == 0);
  CHECK(mistakes("format: csv\nmessage: shop.User").find("3: conflict: message is for `format: protobuf`") == 0);
  CHECK(mistakes("format: csv\ndelimiter: ab\nquote: ab\nfields: [id]") ==
        "3: wrong-value: a delimiter is one character (such as \",\", \";\", \"|\" or \"\\t\")\n"
        "4: wrong-value: a quote is one character, or `none`\n"
        "5: unknown-column: fields lacks the column city of the schema (name every field of a record, in order)\n");
  CHECK(mistakes("format: raw") ==
        "2: conflict: a raw payload is one string column, and the schema has (id int64!, city string) "
        "(take a schema with one string column for the payload)\n");
  CHECK(mistakes("format: raw", test::schema({{"line", Type::kString}})).empty());
}

TEST_CASE("a Protobuf descriptor is read, and the schema held against it, when the topology is checked") {
  const test::Folder folder;
  folder.write("shop.pb", test::descriptor_set(kProto));
  folder.write("text.pb", kProto);
  const auto found = [&](const std::string& yaml) {
    return mistakes("format: protobuf\n" + yaml, kSchema, folder.path());
  };
  CHECK(found("").empty());
  CHECK(found("descriptor: shop.pb\nmessage: shop.User\npaths: {city: address.city}").empty());
  CHECK(found("message: shop.User").find("3: conflict: message needs a descriptor") == 0);
  CHECK(found("descriptor: shp.pb\nmessage: shop.User").find("3: missing-file: there is no file ") == 0);
  CHECK(found("descriptor: text.pb\nmessage: shop.User")
            .find("3: wrong-value: " + folder.path("text.pb") + ": it is no descriptor set of Protobuf") == 0);
  CHECK(found("descriptor: shop.pb") == "3: missing-key: the key message is missing: which message of " +
                                            folder.path("shop.pb") +
                                            " a payload is (it has shop.Address, shop.User)\n");
  CHECK(found("descriptor: shop.pb\nmessage: shop.Usr") ==
        "4: unknown-name: " + folder.path("shop.pb") + ": it has no message shop.Usr (did you mean shop.User?)\n");
  CHECK(
      found("descriptor: shop.pb\nmessage: shop.User") ==
      "4: unknown-column: column city: shop.User has no field city (name its field in `paths`, or take the column out "
      "of the schema)\n");
  CHECK(found("descriptor: shop.pb\nmessage: shop.User\npaths:\n  city: names\n  town: id") ==
        "7: unknown-column: there is no column \"town\" (the columns are id, city)\n"
        "6: unknown-column: column city: shop.User.names is repeated string, which cannot be string, only json\n");
  CHECK(found("descriptor: shop.pb\nmessage: shop.User\npaths: {city: address.city}\nunknown_fields: reject")
            .find("6: conflict: of a Protobuf message only the fields that columns name are looked at") == 0);
}

TEST_CASE("properties make a decoder of Protobuf messages") {
  const test::Folder folder;
  const std::string set = test::descriptor_set(kProto);
  folder.write("shop.pb", set);
  topology::Diagnostics diagnostics("test.yaml");
  const topology::Component component = component_of(
      "format: protobuf\ndescriptor: shop.pb\nmessage: shop.User\npaths: {city: address.city}", diagnostics);
  REQUIRE_FALSE(diagnostics.any_errors());
  auto decoder = make_payload_decoder(payload_format(component, folder.path()), kSchema);
  REQUIRE(decoder.ok());
  const std::string good = test::protobuf_message(set, "shop.User", R"({"id":7,"address":{"city":"Bonn"}})");
  const std::vector<std::string_view> payloads = {good, "\xff", good};
  const PayloadDecoder::Out out = (*decoder)->decode(payloads);
  CHECK(out.batch->to_string() == "7|Bonn\n7|Bonn\n");
  CHECK(out.payload_of_row == std::vector<uint32_t>{0, 2});
  REQUIRE(out.errors.size() == 1);
  CHECK(out.errors[0].first == 1);
  CHECK(out.errors[0].second.to_string() == "expected a message shop.User, found 1 bytes that are none");
  PayloadFormat gone = payload_format(component, folder.path());
  gone.descriptor += ".gone";
  CHECK(make_payload_decoder(gone, kSchema).status().code() == Code::kNotFound);
}

}  // namespace
}  // namespace penstock
