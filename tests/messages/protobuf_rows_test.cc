#include "messages/protobuf_rows.h"

#include <catch2/catch.hpp>

#include "tests/messages/support.h"
#include "tests/support/protobuf_files.h"

using namespace penstock;
using penstock::test::descriptor_set;
using penstock::test::protobuf_message;
using penstock::testing::schema;

namespace {

const std::string kShop = R"(
  syntax = "proto3";
  package shop.v1;
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/wrappers.proto";
  enum State { STATE_UNKNOWN = 0; PAID = 1; SENT = 2; }
  message Address { string city = 1; optional int32 zip = 2; }
  message User { int64 id = 1; Address address = 2; }
  message Order {
    message Line { string item = 1; uint32 count = 2; float price = 3; }
    fixed64 id = 1;
    User user = 2;
    State state = 3;
    google.protobuf.Timestamp at = 4;
    repeated Line lines = 5;
    map<string, int64> stock = 6;
    optional double total = 7;
    bool gift = 8;
    google.protobuf.Int64Value coupon = 9;
    google.protobuf.Struct extra = 10;
    bytes token = 11;
    int64 seen = 12;
    string said_at = 13;
    oneof pay { string card = 14; int32 cash = 15; }
    repeated string tags = 16;
  }
)";

std::string decoded(const std::string& set, const std::string& type, const SchemaPtr& columns,
                    const std::vector<std::string>& messages, const ProtobufPaths& paths = {},
                    TimestampUnits units = {}) {
  auto read = ProtobufType::read(set, type);
  REQUIRE(read.ok());
  for (const ProtobufMisfit& misfit : protobuf_misfits(**read, *columns, paths))
    FAIL(misfit.column << ": " << misfit.what);
  ProtobufRows rows(*read, columns, paths, units);
  std::string errors;
  DecodeError error;
  for (const std::string& message : messages)
    if (!rows.append(message, error))
      errors += error.to_string() + "\n";
  return rows.finish()->to_string() + errors;
}

std::string misfits(const SchemaPtr& columns, const ProtobufPaths& paths = {}) {
  std::string out;
  for (const ProtobufMisfit& misfit :
       protobuf_misfits(**ProtobufType::read(descriptor_set(kShop), "shop.v1.Order"), *columns, paths))
    out += misfit.column + ": " + misfit.what + "\n";
  return out;
}

}  // namespace

TEST_CASE("columns take the fields of their names, and nested ones by their path") {
  const std::string set = descriptor_set(kShop);
  const auto order = [&](const std::string& json) { return protobuf_message(set, "shop.v1.Order", json); };
  const SchemaPtr columns = schema({{"id", Type::kInt64, true},
                                    {"city", Type::kString},
                                    {"zip", Type::kInt64},
                                    {"state", Type::kString},
                                    {"at", Type::kTimestamp},
                                    {"total", Type::kFloat64},
                                    {"gift", Type::kBool},
                                    {"coupon", Type::kInt64},
                                    {"cash", Type::kInt64}});
  CHECK(decoded(set, "shop.v1.Order", columns,
                {order(R"({"id":"7","user":{"address":{"city":"Köln","zip":50667}},"state":"SENT",
                           "at":"2024-05-01T12:00:00.25Z","total":9.5,"gift":true,"coupon":"3","cash":2})"),
                 order(R"({"id":"8","user":{},"total":0,"cash":0})"), order("{}"), ""},
                {{"city", "user.address.city"}, {"zip", "user.address.zip"}}) ==
        "7|Köln|50667|SENT|2024-05-01T12:00:00.250Z|9.5|true|3|2\n"
        "8|NULL|NULL|STATE_UNKNOWN|NULL|0|false|NULL|0\n"
        "0|NULL|NULL|STATE_UNKNOWN|NULL|NULL|false|NULL|NULL\n"
        "0|NULL|NULL|STATE_UNKNOWN|NULL|NULL|false|NULL|NULL\n");
}

TEST_CASE("a json column takes anything: repeated fields, maps, messages and what stands for JSON itself") {
  const std::string set = descriptor_set(kShop);
  const SchemaPtr columns = schema({{"lines", Type::kJson},
                                    {"stock", Type::kJson},
                                    {"user", Type::kJson},
                                    {"extra", Type::kJson},
                                    {"token", Type::kJson},
                                    {"tags", Type::kJson},
                                    {"at", Type::kJson},
                                    {"coupon", Type::kJson}});
  const std::string full =
      protobuf_message(set, "shop.v1.Order",
                       R"({"lines":[{"item":"a\"b","count":2,"price":1.5},{}],"stock":{"y":2,"x":9007199254740993},
          "user":{"id":5,"address":{"zip":0}},"extra":{"list":[1,null,{"deep":true}]},"token":"/+8B",
          "tags":["p","q"],"at":"1970-01-01T00:00:00Z","coupon":4})");
  CHECK(decoded(set, "shop.v1.Order", columns, {full, ""}) ==
        R"([{"item":"a\"b","count":2,"price":1.5},{}]|{"x":9007199254740993,"y":2}|{"id":5,"address":{"zip":0}}|)"
        R"({"list":[1,null,{"deep":true}]}|"/+8B"|["p","q"]|"1970-01-01T00:00:00Z"|4)"
        "\n[]|{}|NULL|NULL|\"\"|[]|NULL|NULL\n");
}

TEST_CASE("times are read from timestamps, from texts and from numbers in the declared unit") {
  const std::string set = descriptor_set(kShop);
  const SchemaPtr columns =
      schema({{"at", Type::kTimestamp}, {"seen", Type::kTimestamp}, {"said_at", Type::kTimestamp}});
  TimestampUnits units;
  units.standard = TimestampUnit::kSeconds;
  const auto order = [&](const std::string& json) { return protobuf_message(set, "shop.v1.Order", json); };
  CHECK(decoded(set, "shop.v1.Order", columns,
                {order(R"({"at":"2024-01-01T00:00:00Z","seen":60,"saidAt":"2024-01-02"})"),
                 order(R"({"seen":60,"saidAt":"soon"})"), order(R"({"seen":"999999999999999","saidAt":"2024-01-02"})")},
                {}, units) ==
        "2024-01-01T00:00:00Z|1970-01-01T00:01:00Z|2024-01-02T00:00:00Z\n"
        "said_at: expected timestamp (ISO 8601, or a number in s), found soon\n"
        "seen: expected timestamp (ISO 8601, or a number in s), found 999999999999999\n");
}

TEST_CASE("a wrong message is an error by itself and leaves no part of a row") {
  const std::string set = descriptor_set(kShop);
  const auto order = [&](const std::string& json) { return protobuf_message(set, "shop.v1.Order", json); };
  const SchemaPtr columns = schema({{"id", Type::kInt64}, {"cash", Type::kInt64, true}, {"token", Type::kString}});
  std::string framed("\0\0\0\0\7", 5);
  CHECK(decoded(set, "shop.v1.Order", columns,
                {order(R"({"id":1,"cash":1})"), "\xff\xff", framed + order(R"({"id":9})"),
                 order(R"({"id":"18446744073709551615","cash":1})"), order(R"({"id":2})"),
                 order(R"({"id":2,"cash":1,"token":"/w=="})"), order(R"({"id":3,"cash":3,"token":"b2s="})")}) ==
        "1|1|\n3|3|ok\n"
        "expected a message shop.v1.Order, found 2 bytes that are none\n"
        "expected a message shop.v1.Order, found 14 bytes that are none (they begin with 0, as bytes of a schema "
        "registry do)\n"
        "id: expected int64, found 18446744073709551615\n"
        "cash: expected int64, found no cash\n"
        "token: expected UTF-8 text, found \\xff\n");
}

TEST_CASE("a required field of proto2 must be there, and one with a default has it") {
  const std::string set = descriptor_set(
      "syntax = \"proto2\"; package p; message Old { required int32 a = 1; optional int32 b = 2 [default = 9]; "
      "optional string c = 3; }");
  const SchemaPtr columns = schema({{"a", Type::kInt64}, {"b", Type::kInt64}, {"c", Type::kString}});
  CHECK(decoded(set, "p.Old", columns, {protobuf_message(set, "p.Old", R"({"a":1})"), ""}) ==
        "1|9|NULL\nexpected the required fields of p.Old, found no a\n");
}

TEST_CASE("a column without a fitting field says what there is") {
  CHECK(misfits(schema({{"idd", Type::kInt64}})) == "idd: shop.v1.Order has no field idd (did you mean id?)\n");
  CHECK(misfits(schema({{"city", Type::kString}}), {{"city", "user.adress.city"}}) ==
        "city: shop.v1.User has no field adress (did you mean address?)\n");
  CHECK(misfits(schema({{"x", Type::kString}}), {{"x", "lines.item"}}) ==
        "x: shop.v1.Order.lines is repeated shop.v1.Order.Line, no nested message to go into\n");
  CHECK(misfits(schema({{"id", Type::kString},
                        {"tags", Type::kString},
                        {"stock", Type::kInt64},
                        {"user", Type::kBool},
                        {"state", Type::kFloat64}})) ==
        "id: shop.v1.Order.id is fixed64, which cannot be string\n"
        "tags: shop.v1.Order.tags is repeated string, which cannot be string, only json\n"
        "stock: shop.v1.Order.stock is a map, which cannot be int64, only json\n"
        "user: shop.v1.Order.user is shop.v1.User, which cannot be bool\n"
        "state: shop.v1.Order.state is the enum shop.v1.State, which cannot be float64\n");
}

TEST_CASE("a descriptor that does not do says why") {
  const std::string set = descriptor_set(kShop);
  CHECK(ProtobufType::read(set, "shop.v1.Ordr").status().to_string() ==
        "not_found: it has no message shop.v1.Ordr (did you mean shop.v1.Order?)");
  CHECK(ProtobufType::read(set, "X").status().to_string() ==
        "not_found: it has no message X (it has shop.v1.Address, shop.v1.User, shop.v1.Order, shop.v1.Order.Line)");
  CHECK_THAT(ProtobufType::read("syntax = \"proto3\";", "X").status().message(),
             Catch::StartsWith("it is no descriptor set of Protobuf: write it with `protoc --include_imports"));
  CHECK_THAT(ProtobufType::read(descriptor_set(kShop, false), "shop.v1.Order").status().message(),
             Catch::Contains("google/protobuf/timestamp.proto") && Catch::Contains("--include_imports"));
  CHECK(ProtobufType::read("", "X").status().code() == Code::kInvalidArgument);
}
