#include "core/clock.h"

#include <catch2/catch.hpp>

using namespace penstock;

TEST_CASE("a manual clock moves only when told to") {
  ManualClock clock({1000});
  CHECK(clock.now() == Timestamp{1000});
  CHECK(clock.now() == Timestamp{1000});
  clock.advance_micros(5);
  CHECK(clock.now() == Timestamp{1005});
  CHECK(clock.monotonic_nanos() == 1'005'000);
}

TEST_CASE("the machine's clock is past this test's writing and never goes back") {
  const Clock& clock = Clock::system();
  CHECK(clock.now() > Timestamp{1'735'689'600'000'000});
  int64_t last = clock.monotonic_nanos();
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = clock.monotonic_nanos();
    REQUIRE(now >= last);
    last = now;
  }
}
