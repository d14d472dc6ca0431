// How far a training is, how long it will still take, and how it ends.
#include "actors/servers/training_state.h"

#include <catch2/catch.hpp>

namespace penstock::testing {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST_CASE("a training tells its progress and, once there is something to go by, the time it will still take") {
  TrainingState state;
  REQUIRE(state.begin());
  CHECK_FALSE(state.begin());  // one at a time
  state.note_progress(0, "reading", 5 * kSecond);
  CHECK(state.view().eta_seconds == -1);
  state.note_progress(0.25, "measuring", 15 * kSecond);
  CHECK(state.view().eta_seconds == Approx(30));
  CHECK(state.view().message == "measuring");
  state.end(ok(), "version 2 was rejected: worse");
  CHECK(state.view().message == "version 2 was rejected: worse");
  CHECK(state.view().progress == -1);
  CHECK(state.view().eta_seconds == -1);
  CHECK_FALSE(state.has_failed());
}

TEST_CASE("a cancelled training ends, and the next one begins anew") {
  TrainingState state;
  CHECK_FALSE(state.cancel());  // there is none
  REQUIRE(state.begin());
  CHECK(state.cancel());
  CHECK(state.cancelled());
  state.end(cancelled("the training was cancelled"));
  CHECK(state.has_failed());  // nobody begins it again by itself
  CHECK(state.view().outcome.empty());
  REQUIRE(state.begin());
  CHECK_FALSE(state.cancelled());
  state.stop();
  CHECK(state.cancelled());
}

}  // namespace
}  // namespace penstock::testing
