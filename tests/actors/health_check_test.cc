#include "actors/supervision/health_check.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// A worker under a health check with a timeout of 4 s, looked at every second.
struct Fixture {
  Pulses pulses;
  PulsePtr worker = pulses.add("region:sales", "reduce/1", {"sales", "aggregator", "reduce"});
  HealthCheck check{{4'000'000}, {1'000'000}};
  int64_t now = 100 * kSecond;

  // What so many looks, one a second, found: `stalls`, `recovers`, `hopeless`, each with the second it was found in.
  std::string look(int times) {
    std::string found;
    for (int i = 1; i <= times; ++i) {
      now += kSecond;
      const HealthCheck::Verdict verdict = check.look(now, pulses.all());
      if (!verdict.begun.empty())
        found += "stalls@" + std::to_string(i) + " ";
      if (!verdict.ended.empty())
        found += "recovers@" + std::to_string(i) + " ";
      if (!verdict.hopeless.empty() && found.find("hopeless") == std::string::npos)
        found += "hopeless@" + std::to_string(i) + " ";
      well = verdict.all_well;
    }
    return found;
  }
  bool well = true;
};

TEST_CASE_METHOD(Fixture, "a worker without a message never stalls") {
  CHECK(look(20).empty());
  CHECK(well);
}

TEST_CASE_METHOD(Fixture, "a worker that handles one message after the other never stalls") {
  for (int i = 0; i < 20; ++i) {
    worker->busy_since = now;
    CHECK(look(1).empty());
  }
}

TEST_CASE_METHOD(Fixture, "a worker that stays with one message stalls, and after twice as long is hopeless") {
  worker->busy_since = now;
  CHECK(look(20) == "stalls@5 hopeless@9 ");
  CHECK(worker->stalled);
  CHECK_FALSE(well);
}

TEST_CASE_METHOD(Fixture, "a worker that gets done after all is well again") {
  worker->busy_since = now;
  CHECK(look(6) == "stalls@5 ");
  worker->busy_since = 0;
  CHECK(look(1) == "recovers@1 ");
  CHECK_FALSE(worker->stalled);
  CHECK(well);
}

TEST_CASE_METHOD(Fixture, "time in which nobody could work does not count") {
  worker->busy_since = now;
  CHECK(look(2).empty());
  now += 3600 * kSecond;  // the process was stopped
  CHECK(look(1).empty());
  CHECK(look(3) == "stalls@1 ");
}

TEST_CASE_METHOD(Fixture, "waiting for the store is a stall, but a new process would not mend it") {
  worker->commit_since = now;
  CHECK(look(20) == "stalls@5 ");
  CHECK(well);
  worker->commit_since = 0;
  CHECK(look(1) == "recovers@1 ");
}

TEST_CASE_METHOD(Fixture, "a worker that is gone is forgotten") {
  worker->busy_since = now;
  CHECK(look(5) == "stalls@5 ");
  worker.reset();
  CHECK(pulses.all().empty());
  CHECK(look(10).empty());
  CHECK(well);
}

}  // namespace
}  // namespace penstock
