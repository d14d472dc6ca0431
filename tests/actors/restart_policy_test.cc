#include "actors/supervision/restart_policy.h"

#include <catch2/catch.hpp>

using namespace penstock;

namespace {

constexpr int64_t kSecond = 1'000'000'000;
const RestartLimits kLimits{2, {10'000'000}, {100'000}, {1'000'000}};

}  // namespace

TEST_CASE("a rare failure is answered by a restart at once") {
  RestartHistory history(kLimits);
  for (int i = 0; i < 20; ++i) {
    const RestartDecision decision = history.on_failure(i * 11 * kSecond, 0.5);
    CHECK(decision.pause.micros == 0);
    CHECK_FALSE(decision.failing);
  }
  CHECK(history.total() == 20);
}

TEST_CASE("failures beyond the intensity are answered by doubling pauses up to the largest") {
  RestartHistory history(kLimits);
  std::vector<int64_t> pauses;
  for (int i = 0; i < 8; ++i)
    pauses.push_back(history.on_failure(kSecond, 0.5).pause.millis());
  CHECK(pauses == std::vector<int64_t>{0, 0, 100, 200, 400, 800, 1000, 1000});
}

TEST_CASE("the pause is spread by a fifth either way") {
  for (const double random : {0.0, 0.25, 0.999}) {
    RestartHistory history({0, {10'000'000}, {100'000}, {1'000'000}});
    const int64_t pause = history.on_failure(0, random).pause.micros;
    CHECK(pause >= 80'000);
    CHECK(pause <= 120'000);
  }
}

TEST_CASE("a whole quiet period makes the next failure a rare one again") {
  RestartHistory history(kLimits);
  for (int i = 0; i < 5; ++i)
    (void)history.on_failure(0, 0.5);
  CHECK(history.on_failure(kSecond, 0.5).failing);
  const RestartDecision decision = history.on_failure(12 * kSecond, 0.5);
  CHECK_FALSE(decision.failing);
  CHECK(decision.pause.micros == 0);
}
