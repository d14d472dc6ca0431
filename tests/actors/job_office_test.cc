#include "actors/jobs/job_office.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <stdexcept>

#include "core/clock.h"
#include "storage/memory_store.h"
#include "tests/support/recording_monitor.h"

namespace penstock {
namespace {

// What a test makes of the steps under way.
struct Steps {
  std::vector<std::string> begun;
  std::map<std::string, StepLook> looks;  // by step
  std::map<std::string, int> alive, cancelled;
  Status cannot_make;
  bool throws = false;
};

class FakeStep final : public StepWork {
 public:
  FakeStep(Steps& steps, std::string id) : steps_(steps), id_(std::move(id)) { ++steps_.alive[id_]; }
  ~FakeStep() override { --steps_.alive[id_]; }
  StepLook look() override {
    if (steps_.throws)
      throw std::runtime_error("a bug");
    return steps_.looks[id_];
  }
  void cancel() override {
    ++steps_.cancelled[id_];
    steps_.looks[id_] = {.ended = true, .status = penstock::cancelled("told to")};
  }

 private:
  Steps& steps_;
  const std::string id_;
};

struct Fixture {
  ManualClock clock{Timestamp{1'700'000'000'000'000}};
  MemoryStore store;
  test::RecordingMonitor monitor;
  Steps steps;
  std::unique_ptr<JobOffice> office = start();

  std::unique_ptr<JobOffice> start() {
    JobSpec nightly;
    nightly.name = "nightly";
    nightly.run = {"a", "b"};
    JobSpec often;
    often.name = "often";
    often.run = {"c"};
    often.rhythm.emplace(Duration{60'000'000});
    auto made = std::make_unique<JobOffice>(
        std::vector<JobSpec>{nightly, often}, store, clock, monitor,
        [this](const JobBook::Task& task) -> Result<StepWorkPtr> {
          PENSTOCK_TRY(steps.cannot_make);
          steps.begun.push_back(task.step);
          return StepWorkPtr(std::make_unique<FakeStep>(steps, task.step));
        },
        [] { return true; });
    REQUIRE(made->open().ok());
    return made;
  }
  Status begin() {
    Status begun = internal_error("not answered");
    office->begin("nightly", [&](const Result<JobRun>& run) { begun = run.status(); });
    office->work();
    return begun;
  }
  std::string state() const {
    const auto runs = *office->runs("nightly");
    if (runs.empty())
      return "none";
    std::string out(state_name(runs.front().state));
    for (const JobStep& step : runs.front().steps)
      out +=
          " " + step.id + ":" + std::string(state_name(step.state)) + (step.note.empty() ? "" : "(" + step.note + ")");
    return out;
  }
};

TEST_CASE_METHOD(Fixture, "a run is worked on step by step, and its progress is seen") {
  REQUIRE(begin().ok());
  CHECK(steps.begun == std::vector<std::string>{"a"});
  steps.looks["a"] = {.progress = 0.5, .note = "half"};
  office->work();
  CHECK(state() == "running a:running(half) b:waiting");
  CHECK(office->job("nightly")->running->progress == 0.25);
  steps.looks["a"] = {.ended = true, .note = "version 4 is live"};
  office->work();
  office->work();
  CHECK(steps.begun == std::vector<std::string>{"a", "b"});
  steps.looks["b"] = {.ended = true};
  office->work();
  CHECK(state() == "succeeded a:succeeded(version 4 is live) b:succeeded");
  office->work();
  CHECK(monitor.count("job nightly.1 begins manual") == 1);
  CHECK(monitor.count("job nightly.1 succeeded") == 1);
}

TEST_CASE_METHOD(Fixture, "a step that cannot be made, or throws, has failed, and the office goes on") {
  steps.cannot_make = not_found("no such thing");
  REQUIRE(begin().ok());
  CHECK(state() == "failed a:failed(no such thing) b:cancelled");
  steps.cannot_make = ok();
  steps.throws = true;
  REQUIRE(begin().ok());
  CHECK(state() == "failed a:failed(a bug) b:cancelled");
  CHECK(steps.alive["a"] == 0);
  steps.throws = false;
  CHECK(begin().ok());
}

TEST_CASE_METHOD(Fixture, "what is cancelled is told to its step") {
  REQUIRE(begin().ok());
  REQUIRE(office->cancel("nightly").ok());
  office->work();
  CHECK(steps.cancelled["a"] == 1);
  CHECK(state() == "cancelled a:cancelled(told to) b:cancelled");
}

TEST_CASE_METHOD(Fixture, "a stop interrupts runs without cancelling their steps, and they go on at the next start") {
  REQUIRE(begin().ok());
  office->close();
  CHECK(steps.alive["a"] == 0);
  CHECK(steps.cancelled["a"] == 0);
  CHECK(monitor.count("job nightly.1 interrupted") == 1);
  CHECK(begin().code() == Code::kFailedPrecondition);
  office = start();
  office->work();
  CHECK(state() == "running a:running b:waiting");
  CHECK(monitor.count("job nightly.1 begins resumed") == 1);
  CHECK(office->runs("nightly")->front().steps[0].deaths == 0);
}

TEST_CASE_METHOD(Fixture, "a run that a kill interrupts goes on after the steps that had succeeded") {
  REQUIRE(begin().ok());
  steps.looks["a"] = {.ended = true};
  office->work();
  office->work();  // on record, and b begins
  std::unique_ptr<JobOffice> dead = std::exchange(office, start());
  steps.begun.clear();
  office->work();
  CHECK(steps.begun == std::vector<std::string>{"b"});
  CHECK(office->runs("nightly")->front().steps[1].deaths == 1);
  steps.looks["b"] = {.ended = true};
  office->work();
  CHECK(state() == "succeeded a:succeeded b:succeeded");
}

TEST_CASE_METHOD(Fixture, "nothing begins that cannot be put on record; it begins when it can") {
  store.refuse_commits(resource_exhausted("the disk is full"));
  clock.advance_micros(60'000'000);
  office->work();
  office->work();
  CHECK(steps.begun.empty());
  CHECK(monitor.count("job often.1 begins schedule") == 0);
  store.refuse_commits(ok());
  office->work();
  CHECK(steps.begun == std::vector<std::string>{"c"});
  CHECK(monitor.count("job often.1 begins schedule") == 1);
}

}  // namespace
}  // namespace penstock
