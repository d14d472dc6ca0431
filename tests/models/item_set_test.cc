#include "models/item_set.h"

#include <catch2/catch.hpp>

namespace penstock {

TEST_CASE("a set of items counts and visits what it holds, whatever was put in or taken out twice") {
  ItemSet set(130);
  for (const int32_t item : {129, 0, 63, 64, 64, 7})
    set.insert(item);
  set.erase(7);
  set.erase(7);
  CHECK(set.count() == 4);
  std::vector<int32_t> visited;
  set.for_each([&](int32_t item) { visited.push_back(item); });
  CHECK(visited == std::vector<int32_t>{0, 63, 64, 129});
  CHECK_FALSE(set.contains(-1));
  CHECK_FALSE(set.contains(130));

  const ItemSet all(70, true);
  int64_t count = 0;
  all.for_each([&](int32_t) { ++count; });
  CHECK(count == 70);
  CHECK(all.count() == 70);
}

}  // namespace penstock
