#include "actors/regions/trial_turns.h"

#include <catch2/catch.hpp>

using namespace penstock;

TEST_CASE("of consumers under suspicion one at a time tries") {
  TrialTurns turns;
  int woken = 0;
  const auto wake = [&] { ++woken; };
  CHECK(turns.take("a", wake));
  CHECK(turns.take("a", wake));
  CHECK_FALSE(turns.take("b", wake));
  CHECK_FALSE(turns.take("c", wake));
  CHECK(woken == 0);
  turns.give_back("a");
  CHECK(woken == 2);
  CHECK(turns.take("c", wake));
  CHECK_FALSE(turns.take("a", wake));
}

TEST_CASE("a consumer that goes while it waits for its turn is not woken, and takes nobody's turn away") {
  TrialTurns turns;
  int woken = 0;
  CHECK(turns.take("a", [] {}));
  CHECK_FALSE(turns.take("b", [&] { ++woken; }));
  turns.give_back("b");
  CHECK_FALSE(turns.take("c", [] {}));
  turns.give_back("a");
  CHECK(woken == 0);
  CHECK(turns.take("c", [] {}));
}
