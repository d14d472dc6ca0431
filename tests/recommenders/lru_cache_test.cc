#include "actors/recommenders/lru_cache.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

TEST_CASE("a full cache forgets what was used longest ago") {
  LruCache<int> cache(2);
  cache.put("a", 1);
  cache.put("b", 2);
  CHECK(cache.get("a") == 1);
  cache.put("c", 3);
  CHECK(cache.get("a") == 1);
  CHECK_FALSE(cache.get("b"));
  CHECK(cache.get("c") == 3);
  cache.put("c", 4);
  CHECK(cache.get("c") == 4);
  CHECK(cache.size() == 2);
}

TEST_CASE("a cache without room keeps nothing") {
  LruCache<int> cache(0);
  cache.put("a", 1);
  CHECK_FALSE(cache.get("a"));
}

}  // namespace
}  // namespace penstock
