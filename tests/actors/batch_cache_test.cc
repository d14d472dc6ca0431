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

TEST_CASE(
    "batch cache tells the memory budget what it holds, takes an eighth at most, and lets go when it is exceeded") {
  const uint64_t size = rows(100)->memory();
  MemoryBudget memory(24 * size);
  BatchCache cache(100 * size);
  cache.account(memory);
  for (uint64_t i = 0; i < 10; ++i)
    cache.put("a", Partition(0), Offset(i * 100), rows(100));
  CHECK(memory.parts() == std::map<std::string, uint64_t>{{"batch_cache", 3 * size}});
  CHECK(cache.get("a", Partition(0), Offset(900)));
  memory.set("other", 23 * size);
  CHECK_FALSE(cache.get("a", Partition(0), Offset(900)));
  CHECK(memory.used() == 23 * size);
  memory.set("other", 25 * size);
  cache.put("a", Partition(0), Offset(1000), rows(100));
  CHECK(memory.used() == 25 * size);
}
