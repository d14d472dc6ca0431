// When a version on trial goes on, goes live, or is given up; what is counted of it; whom it answers.
#include "actors/servers/rollout.h"

#include <catch2/catch.hpp>

#include "actors/servers/served_versions.h"
#include "actors/servers/shadow_queue.h"

namespace penstock::testing {
namespace {

using enum ModelState;

constexpr Duration kMinute{60'000'000}, kHour{3'600'000'000};

std::string decided(ModelState state, Duration in_state, const AnswerFigures& live, const AnswerFigures& trial,
                    const Rollout& rollout = {}) {
  const RolloutDecision decision = decide(rollout, state, in_state, live, trial);
  const char* const verdicts[] = {"goes on", "goes live", "is given up"};
  return verdicts[static_cast<int>(decision.verdict)] + (decision.reason.empty() ? "" : ": " + decision.reason);
}

const AnswerFigures kGood{.answers = 1000, .known = 900, .empty = 9, .judged = 400, .hits = 200, .p99_seconds = 0.004};

TEST_CASE("a canary without anything worse goes live when its time is over and it has answered") {
  CHECK(decided(kCanary, kMinute, kGood, kGood) == "goes on");
  CHECK(decided(kCanary, kHour, kGood, kGood) == "goes live: nothing worse in 10m as a canary: 1000 answers");
  CHECK(decided(kCanary, kHour, kGood, {.answers = 19}) == "goes on");
  CHECK(decided(kCanary, kMinute, kGood, kGood, {.canary_for = kMinute}) ==
        "goes live: nothing worse in 1m as a canary: 1000 answers");
}

TEST_CASE("a canary that is worse beyond chance is given up at once, with the figures") {
  AnswerFigures bad = kGood;
  bad.failed = 30;
  CHECK(decided(kCanary, kMinute, kGood, bad) ==
        "is given up: answers fail: 3 % of 1000 against 0 % of 1000 of the live version");
  bad = kGood;
  bad.empty = 90;
  CHECK(decided(kCanary, kMinute, kGood, bad) ==
        "is given up: answers for known users are empty: 10 % of 900 against 1 % of 900 of the live version");
  bad = kGood;
  bad.hits = 100;
  CHECK(decided(kCanary, kMinute, kGood, bad) ==
        "is given up: users take what they are shown: 25 % of 400 against 50 % of 400 of the live version");
  bad = kGood;
  bad.p99_seconds = 0.1;
  CHECK(decided(kCanary, kMinute, kGood, bad) ==
        "is given up: the 99th percentile of the time to answer is 100 ms against 4 ms of the live version");
}

TEST_CASE("what may be chance, or is within the limits, gives no canary up") {
  AnswerFigures trial = kGood;
  trial.hits = 180;  // 45 % against 50 %: allowed
  CHECK(decided(kCanary, kMinute, kGood, trial) == "goes on");
  trial = {.answers = 29, .failed = 29, .known = 29, .empty = 29};  // too few
  CHECK(decided(kCanary, kMinute, kGood, trial) == "goes on");
  trial = {.answers = 50, .known = 50, .empty = 2};
  CHECK(decided(kCanary, kMinute, kGood, trial) == "goes on");
  trial = kGood;
  trial.p99_seconds = 0.013;  // over thrice, by less than anybody notices
  CHECK(decided(kCanary, kMinute, kGood, trial) == "goes on");
}

TEST_CASE("of a version in shadow nobody takes anything, and its time to answer is nobody's") {
  AnswerFigures shadow = kGood;
  shadow.hits = 0;
  shadow.p99_seconds = 5;
  CHECK(decided(kShadow, kHour, kGood, shadow) == "goes live: nothing worse in 10m as a shadow: 1000 answers");
  shadow.empty = 900;
  CHECK(decided(kShadow, kMinute, kGood, shadow) ==
        "is given up: answers for known users are empty: 100 % of 900 against 1 % of 900 of the live version");
}

TEST_CASE("a canary answers its share of the users, the same ones each time, and others for another version") {
  size_t first = 0, both = 0;
  for (int user = 0; user < 20'000; ++user) {
    const bool of_first = in_canary(std::to_string(user), 1, 0.1);
    CHECK(of_first == in_canary(std::to_string(user), 1, 0.1));
    CHECK((!of_first || in_canary(std::to_string(user), 1, 0.3)));  // a larger share keeps them
    first += of_first;
    both += of_first && in_canary(std::to_string(user), 2, 0.1);
  }
  CHECK(first == Approx(2000).margin(150));
  CHECK(both == Approx(200).margin(60));
  CHECK_FALSE(in_canary("u", 1, 0));
  CHECK(in_canary("u", 1, 1));
}

TEST_CASE("answers are compared by what they share and by its order") {
  CHECK(overlap({"a", "b", "c", "d"}, {"d", "x", "a"}) == 0.5);
  CHECK(overlap({}, {"a"}) == 1);
  CHECK(rank_correlation({"a", "b", "c"}, {"a", "x", "b", "c"}) == 1);
  CHECK(rank_correlation({"a", "b", "c"}, {"c", "b", "a"}) == -1);
  CHECK(rank_correlation({"a", "b"}, {"b"}) == 1);
}

TEST_CASE("a full queue takes no further request") {
  ShadowQueue queue(1);
  CHECK(queue.offer({"u", {"a"}}));
  CHECK_FALSE(queue.offer({"v", {"b"}}));
  CHECK(queue.take()->user == "u");
  CHECK_FALSE(queue.take());
}

}  // namespace
}  // namespace penstock::testing
