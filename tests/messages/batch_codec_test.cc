#include "messages/batch_codec.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::random_batch;
using penstock::testing::schema;

namespace {

BatchPtr round_trip(const RecordBatch& batch, SchemaPtr expected = nullptr) {
  auto read = decode_batch(encode_batch(batch), std::move(expected));
  INFO(read.status().to_string());
  REQUIRE(read.ok());
  return *read;
}

// Gives broken bytes a checksum that fits, so that the checks behind it are reached.
void sign(std::string& bytes) {
  uint32_t size = 0;
  std::memcpy(&size, bytes.data() + 10, 4);
  const uint64_t seed = static_cast<unsigned char>(bytes[0]) |
                        static_cast<uint64_t>(static_cast<unsigned char>(bytes[1])) << 8 |
                        static_cast<uint64_t>(size) << 16;
  const uint64_t checksum = XXH3_64bits_withSeed(bytes.data() + 14, bytes.size() - 14, seed);
  std::memcpy(bytes.data() + 2, &checksum, 8);
}

}  // namespace

TEST_CASE("a batch comes back from its bytes as it was") {
  Random random(1);
  for (const size_t rows : {0, 1, 2, 63, 64, 65, 500, 3000})
    for (int round = 0; round < 6; ++round) {
      const BatchPtr batch = random_batch(rows, random);
      const BatchPtr read = round_trip(*batch);
      REQUIRE(*read->schema() == *batch->schema());
      REQUIRE(read->to_string() == batch->to_string());
    }
}

TEST_CASE("null rows come back with the placeholder that a column promises") {
  Random random(2);
  const BatchPtr read = round_trip(*random_batch(500, random));
  for (const ColumnPtr& column : read->columns())
    for (size_t row = 0; row < column->size(); ++row) {
      if (!column->is_null(row))
        continue;
      if (column->type() == Type::kString || column->type() == Type::kJson)
        REQUIRE(column->string(row).empty());
      else if (column->type() == Type::kFloat64)
        REQUIRE(column->float64s()[row] == 0);
      else
        REQUIRE((column->type() == Type::kBool ? column->bools()[row] : column->int64s()[row]) == 0);
    }
}

TEST_CASE("only the selected rows are stored, and a batch without columns keeps its count") {
  const BatchPtr batch = RecordBatch::make(schema({{"n", Type::kInt64}}), {Column::int64s({10, 11, 12, 13})});
  CHECK(round_trip(*batch->select({1, 3}))->to_string() == "11\n13\n");
  CHECK(round_trip(RecordBatch(schema({}), {}, 7))->rows() == 7);
}

TEST_CASE("floats come back bit by bit, whatever they are") {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> values(300);
    for (double& value : values) {
      const uint64_t bits = random();
      std::memcpy(&value, &bits, 8);
      if (round % 2 == 1)
        value = static_cast<double>(static_cast<int64_t>(random.below(2'000'000)) - 1'000'000) /
                (round % 4 == 1 ? 100 : 1000);
    }
    if (round % 5 == 0)
      values[7] = -0.0;
    const BatchPtr read = round_trip(*RecordBatch::make(schema({{"x", Type::kFloat64}}), {Column::float64s(values)}));
    REQUIRE(std::memcmp(read->column(0)->float64s().data(), values.data(), values.size() * 8) == 0);
  }
}

TEST_CASE("repeated texts and steady clocks are stored in a fraction of their size") {
  BatchBuilder builder(schema({{"event", Type::kString}, {"at", Type::kTimestamp}, {"price", Type::kFloat64}}));
  for (int64_t i = 0; i < 10'000; ++i) {
    builder.column(0).append_string(i % 3 == 0 ? "add_to_cart" : "view");
    builder.column(1).append_int64(1'700'000'000'000'000 + i * 997);
    builder.column(2).append_float64(static_cast<double>(i % 7) + 0.99);
  }
  const BatchPtr batch = builder.finish();
  CHECK(encode_batch(*batch).size() < batch->memory() / 50);
}

TEST_CASE("fields are matched by name to the schema that is expected") {
  const BatchPtr stored =
      RecordBatch::make(schema({{"a", Type::kInt64, true}, {"b", Type::kString}, {"c", Type::kFloat64}}),
                        {Column::int64s({1, 2}), Column::strings({0, 1, 2}, "xy"), Column::float64s({0.5, 1.5})});
  const SchemaPtr expected = schema({{"c", Type::kFloat64}, {"new", Type::kString}, {"a", Type::kInt64, true}});
  const BatchPtr read = round_trip(*stored, expected);
  CHECK(read->schema() == expected);
  CHECK(read->to_string() == "0.5|NULL|1\n1.5|NULL|2\n");
}

TEST_CASE("a stored schema that does not fit says which field and why") {
  const std::string bytes =
      encode_batch(*RecordBatch::make(schema({{"a", Type::kInt64}, {"b", Type::kString}}),
                                      {Column::int64s({1, 0}, {1}), Column::strings({0, 1, 2}, "xy")}));
  CHECK(decode_batch(bytes, schema({{"a", Type::kString}})).status().to_string() ==
        "failed_precondition: the stored field a is of type int64, expected string");
  CHECK(decode_batch(bytes, schema({{"z", Type::kInt64, true}})).status().to_string() ==
        "failed_precondition: the stored batch has no field z, which is required; it has: a int64, b string");
  CHECK(decode_batch(bytes, schema({{"a", Type::kInt64, true}})).status().to_string() ==
        "failed_precondition: the stored field a has null values, but is required");
  CHECK((*decode_batch_schema(bytes))->to_string() == "a int64, b string");
}

TEST_CASE("any changed byte, and any cut, is found") {
  Random random(4);
  for (const size_t rows : {0, 1, 40}) {
    const std::string bytes = encode_batch(*random_batch(rows, random));
    for (size_t i = 0; i < bytes.size(); ++i) {
      std::string broken = bytes;
      broken[i] = static_cast<char>(broken[i] ^ (1 << random.below(8)));
      REQUIRE(decode_batch(broken, nullptr).status().code() == Code::kDataLoss);
      REQUIRE(decode_batch(std::string_view(bytes).substr(0, i), nullptr).status().code() == Code::kDataLoss);
    }
    REQUIRE(decode_batch(bytes + "x", nullptr).status().code() == Code::kDataLoss);
  }
}

TEST_CASE("broken bytes with a fitting checksum never crash the decoder") {
  Random random(5);
  size_t refused = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = encode_batch(*random_batch(round % 2 == 0 ? 2 : 60, random));
    for (int change = 0; change < 20; ++change) {
      std::string broken = bytes;
      for (uint64_t n = 1 + random.below(3); n > 0; --n)
        broken[random.below(broken.size())] = static_cast<char>(random());
      if (random.below(4) == 0)
        broken.resize(14 + random.below(broken.size() - 14));
      broken[0] = 1;
      sign(broken);
      auto read = decode_batch(broken, nullptr);
      if (!read.ok())
        ++refused;
      else
        REQUIRE((*read)->to_string().size() + 1 > 0);
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("what is wrong with broken bytes is said") {
  const std::string bytes =
      encode_batch(*RecordBatch::make(schema({{"n", Type::kInt64}}), {Column::int64s({1, 5, 3})}));
  CHECK(decode_batch("abc", nullptr).status().message() == "broken batch: cut off after 3 bytes");
  std::string other = bytes;
  other[0] = 9;
  CHECK(decode_batch(other, nullptr).status().message() == "broken batch: format version 9, but only 1 is known");
  other = bytes;
  other.back() = static_cast<char>(other.back() ^ 1);
  CHECK(decode_batch(other, nullptr).status().message() ==
        "broken batch: its checksum does not fit its " + std::to_string(bytes.size()) + " bytes");
}
