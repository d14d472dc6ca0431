#include "actors/supervision/work_report.h"

#include <catch2/catch.hpp>
#include <cstdio>

#include "actors/supervision/work_clock.h"

namespace penstock {
namespace {

using namespace monitoring;

std::string number(double value) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// The events as short strings, of one call of tell().
struct Lines final : Monitor {
  void emit(const Event& event) override {
    if (const auto* e = std::get_if<TimeSpent>(&event); e != nullptr && e->busy + e->idle + e->blocked > 0)
      text += e->origin.id + " busy " + number(e->busy) + " idle " + number(e->idle) + " blocked " +
              number(e->blocked) + "\n";
    if (const auto* e = std::get_if<StateSize>(&event))
      text += e->origin.id + " holds " + std::to_string(e->keys) + " keys, " + std::to_string(e->bytes) + " B\n";
    if (const auto* e = std::get_if<QueueSize>(&event); e != nullptr && e->batches > 0)
      text += e->origin.id + " waits " + std::to_string(e->batches) + ", " + std::to_string(e->bytes) + " B\n";
    if (const auto* e = std::get_if<WatermarkReached>(&event))
      text += e->origin.id + " at " + number(e->at_seconds) + ", " + number(e->lag_seconds) + " s behind\n";
  }
  std::string text;
};

struct Fixture {
  ManualClock clock{Timestamp{100'000'000}};
  Lines lines;
  Pulses pulses;
  WorkReport report{pulses, clock, lines};

  void seconds(int64_t count) { clock.advance_micros(count * 1'000'000); }
  PulsePtr worker(const std::string& name) { return pulses.add("region", name, {"sales", "aggregator", "window"}); }
  std::string told() {
    lines.text.clear();
    report.tell();
    return lines.text;
  }
};

TEST_CASE_METHOD(Fixture, "time counts as it goes by, also of a worker that is still at it or gets nothing") {
  WorkClock work(clock, worker("window"));
  seconds(3);
  CHECK(told() == "sales busy 0 idle 3 blocked 0\n");
  {
    const WorkClock::Work busy(work);
    seconds(2);
    CHECK(told() == "sales busy 2 idle 0 blocked 0\n");
    seconds(5);
    CHECK(told() == "sales busy 5 idle 0 blocked 0\n");
    seconds(1);
  }
  work.set_blocked(true);
  seconds(4);
  CHECK(told() == "sales busy 1 idle 0 blocked 4\n");
  CHECK(told().empty());
}

TEST_CASE_METHOD(Fixture, "a component is what its workers are together, and as far as the last of them") {
  const PulsePtr first = worker("window/0"), second = worker("window/1");
  WorkClock one(clock, first), other(clock, second);
  first->holds_state = true;
  first->keys = 3, second->keys = 4;
  first->state_bytes = 300, second->state_bytes = 400;
  first->arrive(10), first->arrive(20), second->arrive(5);
  first->take_up(10);
  CHECK(told() == "sales waits 2, 25 B\nsales holds 7 keys, 700 B\n");
  first->take_up(20), second->take_up(5);
  first->event_time = 90'000'000;
  CHECK(told() == "sales holds 7 keys, 700 B\nsales at 90, 10 s behind\n");
  second->event_time = 70'000'000;
  CHECK(told() == "sales holds 7 keys, 700 B\nsales at 70, 30 s behind\n");
}

TEST_CASE_METHOD(Fixture, "a worker that is gone is forgotten, and one without a work clock has no time") {
  {
    WorkClock work(clock, worker("window"));
    seconds(1);
    CHECK(told() == "sales busy 0 idle 1 blocked 0\n");
  }
  const PulsePtr root = pulses.add("node", "node", {"node", "node", "node"});
  root->busy_since = 1;
  seconds(1);
  CHECK(told().empty());
}

}  // namespace
}  // namespace penstock
