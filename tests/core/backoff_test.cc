#include "core/backoff.h"

#include <catch2/catch.hpp>

using namespace penstock;

TEST_CASE("the pause doubles with each failure, up to the limit") {
  const Backoff backoff{Duration{100}, Duration{1000}};
  CHECK(backoff.pause(1, 0.5) == Duration{100});
  CHECK(backoff.pause(2, 0.5) == Duration{200});
  CHECK(backoff.pause(4, 0.5) == Duration{800});
  CHECK(backoff.pause(5, 0.5) == Duration{1000});
  CHECK(backoff.pause(1'000'000, 0.5) == Duration{1000});
}

TEST_CASE("the pause is spread by a fifth to both sides") {
  const Backoff backoff{Duration{1000}, Duration{1000}};
  CHECK(backoff.pause(1, 0) == Duration{800});
  CHECK(backoff.pause(1, 0.999) == Duration{1200});
}
