#include "core/ids.h"

#include <catch2/catch.hpp>
#include <type_traits>
#include <unordered_set>

using namespace penstock;

TEST_CASE("ids step, compare and hash like the number inside, and do not mix") {
  static_assert(!std::is_convertible_v<Offset, Epoch> && !std::is_convertible_v<uint64_t, Offset>);
  CHECK(Offset(5).next() == Offset(6));
  CHECK(Offset(5).next(10).value() == 15);
  CHECK(Partition(1) < Partition(2));
  CHECK(Epoch() == Epoch(0));
  const std::unordered_set<Offset> offsets = {Offset(1), Offset(1), Offset(2)};
  CHECK(offsets.size() == 2);
}
