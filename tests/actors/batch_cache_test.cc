#include "actors/regions/batch_cache.h"

#include <catch2/catch.hpp>

using namespace penstock;

namespace {

BatchPtr rows(size_t count) {
  static const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"n", Type::kInt64, true}});
  return RecordBatch::make(schema, {Column::int64s(std::vector<int64_t>(count, 1))});
}

}  // namespace

TEST_CASE("batch cache gives back what was put at a place, and nothing elsewhere") {
  BatchCache cache(1 << 20);
  const BatchPtr batch = rows(3);
  cache.put("a", Partition(1), Offset(10), batch);
  CHECK(cache.get("a", Partition(1), Offset(10)) == batch);
  CHECK_FALSE(cache.get("a", Partition(0), Offset(10)));
  CHECK_FALSE(cache.get("a", Partition(1), Offset(11)));
  CHECK_FALSE(cache.get("b", Partition(1), Offset(10)));
}

TEST_CASE("batch cache drops the oldest batches past its budget") {
  const uint64_t size = rows(100)->memory();
  BatchCache cache(3 * size);
  for (uint64_t i = 0; i < 10; ++i)
    cache.put("a", Partition(0), Offset(i * 100), rows(100));
  CHECK_FALSE(cache.get("a", Partition(0), Offset(0)));
  CHECK_FALSE(cache.get("a", Partition(0), Offset(600)));
  for (uint64_t i = 7; i < 10; ++i)
    CHECK(cache.get("a", Partition(0), Offset(i * 100)));
}
