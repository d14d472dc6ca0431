#include "core/fault_points.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <set>
#include <string>

using namespace penstock;

namespace {

struct Cleared {
  ~Cleared() { clear_faults(); }
};

}  // namespace

TEST_CASE("fault points have names of their own, and are off") {
  std::set<std::string_view> names;
  for (const FaultPointInfo& info : kFaultPoints) {
    CHECK(names.insert(info.name).second);
    CHECK(!info.meaning.empty());
    CHECK(hit(info.point).ok());
  }
}

TEST_CASE("a fault point that is switched on fails and names itself; others do not") {
  const Cleared cleared;
  REQUIRE(set_faults("store.sync:fail", 1).ok());
  CHECK(hit(FaultPoint::kStoreSync).message() == "fault point store.sync is switched on");
  CHECK(hit(FaultPoint::kStoreWrite).ok());
  clear_faults();
  CHECK(hit(FaultPoint::kStoreSync).ok());
}

TEST_CASE("a fault can wait for the n-th time, or be drawn") {
  const Cleared cleared;
  REQUIRE(set_faults("sink.write:fail:@3,train:fail:0.25", 7).ok());
  CHECK(hit(FaultPoint::kSinkWrite).ok());
  CHECK(hit(FaultPoint::kSinkWrite).ok());
  CHECK(!hit(FaultPoint::kSinkWrite).ok());
  CHECK(hit(FaultPoint::kSinkWrite).ok());
  int failed = 0;
  for (int i = 0; i < 1000; ++i)
    failed += !hit(FaultPoint::kTrain).ok();
  CHECK(failed == Approx(250).margin(60));
}

TEST_CASE("the action crash ends the process as SIGKILL does") {
  const pid_t child = ::fork();
  if (child == 0) {
    (void)set_faults("store.write:crash", 1);
    (void)hit(FaultPoint::kStoreWrite);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("a wrong fault is refused with what would be right, and changes nothing") {
  const Cleared cleared;
  REQUIRE(set_faults("train:fail", 1).ok());
  CHECK_THAT(set_faults("store.synk:fail", 1).message(), Catch::Contains("did you mean \"store.sync\""));
  CHECK_THAT(set_faults("train:explode", 1).message(), Catch::Contains("fail, crash, delay=DURATION"));
  CHECK_THAT(set_faults("train:delay=5", 1).message(), Catch::Contains("train:delay=5"));
  CHECK_THAT(set_faults("train:fail:2", 1).message(), Catch::Contains("between 0 and 1"));
  CHECK_THAT(set_faults("train:fail:@0", 1).message(), Catch::Contains("@3"));
  CHECK(!hit(FaultPoint::kTrain).ok());
}
