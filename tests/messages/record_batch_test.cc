#include "messages/record_batch.h"

#include <catch2/catch.hpp>

#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::random_batch;
using penstock::testing::schema;

namespace {

BatchPtr numbers() {
  return RecordBatch::make(schema({{"n", Type::kInt64}, {"s", Type::kString}}),
                           {Column::int64s({10, 11, 12, 13}), Column::strings({0, 1, 2, 3, 4}, "abcd")});
}

std::string offsets_of(const RecordBatch& batch) {
  std::string out;
  for (size_t i = 0; i < batch.rows(); ++i)
    out += (i == 0 ? "" : " ") + std::to_string(batch.offset(i).value());
  return out;
}

}  // namespace

TEST_CASE("a selection hides rows without copying, compacting makes it permanent") {
  const BatchPtr batch = numbers();
  const BatchPtr some = batch->select({1, 3});
  CHECK(some->to_string() == "11|b\n13|d\n");
  CHECK(some->column(0) == batch->column(0));
  CHECK(some->physical_rows() == 4);
  const BatchPtr dense = some->compact();
  CHECK(dense->to_string() == some->to_string());
  CHECK(dense->selection() == nullptr);
  CHECK(batch->compact()->column(0) == batch->column(0));
}

TEST_CASE("a slice is a stretch of the batch's rows, selected or not") {
  CHECK(numbers()->slice(1, 2)->to_string() == "11|b\n12|c\n");
  CHECK(numbers()->select({0, 2, 3})->slice(1, 2)->to_string() == "12|c\n13|d\n");
  CHECK(numbers()->slice(4, 0)->rows() == 0);
}

TEST_CASE("offsets of a log are kept through filters and maps") {
  const BatchPtr batch = numbers()->with_origin({Partition(2), Offset(100), {}, nullptr});
  CHECK(offsets_of(*batch) == "100 101 102 103");
  const BatchPtr some = batch->select({1, 3});
  CHECK(offsets_of(*some) == "101 103");
  CHECK(offsets_of(*some->compact()) == "101 103");
  CHECK(offsets_of(*some->compact()->select({1})->compact()) == "103");
  CHECK(offsets_of(*some->slice(1, 1)) == "103");
  const BatchPtr mapped = some->with_columns(schema({{"x", Type::kInt64}}), {Column::int64s({1, 2})});
  CHECK(offsets_of(*mapped) == "101 103");
  CHECK(mapped->origin()->partition == Partition(2));
  CHECK_FALSE(concatenate({batch, batch})->origin());
  CHECK_FALSE(concatenate({batch})->origin());
}

TEST_CASE("concatenating agrees with taking every row") {
  Random random(1);
  for (int round = 0; round < 30; ++round) {
    std::vector<BatchPtr> batches;
    std::string expected;
    for (uint64_t parts = 1 + random.below(4); parts > 0; --parts) {
      BatchPtr batch = random_batch(random.below(100), random);
      if (random.below(2) == 0) {
        Selection rows;
        for (uint32_t row = 0; row < batch->rows(); ++row)
          if (random.below(2) == 0)
            rows.push_back(row);
        batch = batch->select(std::move(rows));
      }
      expected += batch->to_string();
      batches.push_back(std::move(batch));
    }
    const BatchPtr all = concatenate(batches);
    REQUIRE(all->selection() == nullptr);
    REQUIRE(all->to_string() == expected);
  }
}

TEST_CASE("an empty batch has a schema and no rows") {
  const BatchPtr batch = RecordBatch::empty(schema({{"n", Type::kInt64}, {"s", Type::kString}}));
  CHECK(batch->rows() == 0);
  CHECK(batch->schema()->size() == 2);
  CHECK(batch->compact()->rows() == 0);
  CHECK(concatenate({batch, numbers()})->rows() == 4);
}

TEST_CASE("a batch builder starts afresh after each batch") {
  BatchBuilder builder(schema({{"n", Type::kInt64}}));
  builder.column(0).append_int64(1);
  CHECK(builder.rows() == 1);
  CHECK(builder.finish()->to_string() == "1\n");
  CHECK(builder.finish()->rows() == 0);
}

TEST_CASE("schemas are compared, searched and shown by their fields") {
  const Schema one({{"user", Type::kInt64, true}, {"note", Type::kString}});
  CHECK(one.to_string() == "user int64!, note string");
  CHECK(one.index_of("note") == 1);
  CHECK_FALSE(one.index_of("Note"));
  CHECK(one.names() == std::vector<std::string>{"user", "note"});
  CHECK_FALSE(one == Schema({{"user", Type::kInt64}, {"note", Type::kString}}));
  for (const Type type : penstock::testing::all_types())
    CHECK(parse_type(type_name(type)) == type);
  CHECK_FALSE(parse_type("int32"));
}
