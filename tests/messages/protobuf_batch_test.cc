#include "messages/protobuf_batch.h"

#include <catch2/catch.hpp>

#include "messages/penstock.pb.h"
#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::random_batch;
using penstock::testing::schema;

TEST_CASE("a batch comes back from its Protobuf message as it was") {
  Random random(1);
  for (const size_t rows : {0, 1, 64, 65, 700}) {
    const BatchPtr batch = random_batch(rows, random);
    auto read = decode_protobuf_batch(encode_protobuf_batch(*batch), nullptr);
    REQUIRE(read.ok());
    CHECK(*(*read)->schema() == *batch->schema());
    CHECK((*read)->to_string() == batch->to_string());
  }
  const BatchPtr numbers = RecordBatch::make(schema({{"n", Type::kInt64}}), {Column::int64s({10, 11, 12})});
  CHECK((*decode_protobuf_batch(encode_protobuf_batch(*numbers->select({0, 2})), nullptr))->to_string() == "10\n12\n");
}

TEST_CASE("columns may come in another order than expected, but not in another shape") {
  const BatchPtr batch = RecordBatch::make(schema({{"a", Type::kInt64, true}, {"b", Type::kString}}),
                                           {Column::int64s({1}), Column::strings({0, 1}, "x")});
  const std::string bytes = encode_protobuf_batch(*batch);
  CHECK((*decode_protobuf_batch(bytes, schema({{"b", Type::kString}, {"a", Type::kInt64, true}})))->to_string() ==
        "x|1\n");
  CHECK(decode_protobuf_batch(bytes, schema({{"a", Type::kInt64, true}})).status().to_string() ==
        "invalid_argument: the batch has the schema (a int64!, b string), expected (a int64!)");
}

TEST_CASE("a message that does not hold together says which column and why") {
  contract::RecordBatch good;
  const BatchPtr batch = RecordBatch::make(
      schema({{"a", Type::kInt64, true}, {"s", Type::kString}, {"j", Type::kJson}}),
      {Column::int64s({1, 2}), Column::strings({0, 1, 2}, "xy"), Column::strings({0, 1, 3}, "7[]", {}, Type::kJson)});
  REQUIRE(good.ParseFromString(encode_protobuf_batch(*batch)));
  const auto message = [&](auto&& change) {
    contract::RecordBatch changed = good;
    change(changed);
    return decode_protobuf_batch(changed.SerializeAsString(), nullptr).status().message();
  };
  using Message = contract::RecordBatch;
  CHECK(message([](Message& m) { m.mutable_columns(0)->add_int64s(3); }) ==
        "column a: it has 3 values of type int64, expected 2");
  CHECK(message([](Message& m) { m.mutable_columns(0)->set_validity("abc"); }) ==
        "column a: its validity has 3 bytes, expected 1");
  CHECK(message([](Message& m) { m.mutable_columns(0)->set_validity("\x01"); }) ==
        "column a: it has null values, but is required");
  CHECK(message([](Message& m) { m.mutable_columns(1)->set_text("xyz"); }) ==
        "column s: its lengths add up to 2 bytes, but its text has 3");
  CHECK(message([](Message& m) { m.mutable_columns(1)->set_text("x\xff"); }) == "column s: row 1 is not UTF-8");
  CHECK(message([](Message& m) { m.mutable_columns(2)->set_text("7[["); }) ==
        "column j: row 1 is no JSON: expected a value, found the end at byte 3");
  CHECK(message([](Message& m) { m.mutable_fields(1)->set_name("a"); }) == "two fields are named a");
  CHECK(message([](Message& m) { m.mutable_fields(1)->set_type(contract::FIELD_TYPE_UNKNOWN); }) ==
        "field s has the unknown type 0");
  CHECK(message([](Message& m) { m.mutable_columns()->RemoveLast(); }) == "the batch has 3 fields, but 2 columns");
  CHECK(message([](Message& m) { m.set_rows(1ULL << 40); }) ==
        "the batch has 1099511627776 rows, at most 16777216 are taken");
  CHECK(decode_protobuf_batch("\xff\xff", nullptr).status().message() ==
        "the 2 bytes are no penstock.contract.RecordBatch");
}

TEST_CASE("changed bytes never crash the Protobuf decoder") {
  Random random(2);
  const std::string bytes = encode_protobuf_batch(*random_batch(50, random));
  for (int round = 0; round < 3000; ++round) {
    std::string broken = bytes;
    broken[random.below(broken.size())] = static_cast<char>(random());
    auto read = decode_protobuf_batch(broken, nullptr);
    if (read.ok())
      REQUIRE((*read)->to_string().size() + 1 > 0);
  }
}
