#include "actors/aggregators/watermark.h"

#include <catch2/catch.hpp>

#include "storage/memory_store.h"

namespace penstock {
namespace {

EventProgressPtr progress(std::vector<EventProgress::Part> parts) {
  return std::make_shared<const EventProgress>(EventProgress{std::move(parts)});
}

TEST_CASE("the watermark is the slowest partition less the lateness, and never falls") {
  ManualClock clock;
  Watermark watermark(clock, Duration{10}, std::nullopt);
  CHECK(watermark.value() == Watermark::kNone);
  watermark.observe(0, progress({{0, 0, {100}}}));
  CHECK(watermark.value().micros == 90);
  watermark.observe(0, progress({{0, 0, {150}}, {0, 1, {50}}}));
  CHECK(watermark.value().micros == 90);
  watermark.observe(0, progress({{0, 0, {150}}, {0, 1, {140}}}));
  CHECK(watermark.value().micros == 130);
  watermark.observe(1, progress({{0, 0, {145}}}));
  CHECK(watermark.value().micros == 130);
  watermark.observe(0, progress({{0, 0, {150}}, {0, 1, {170}}}));
  CHECK(watermark.value().micros == 135);
}

TEST_CASE("a partition that is silent for the idle timeout does not hold the watermark back") {
  ManualClock clock;
  Watermark watermark(clock, Duration{0}, Duration{1000});
  CHECK_FALSE(watermark.waits_for_time());
  watermark.observe(0, progress({{0, 0, {100}}, {0, 1, {50}}}));
  CHECK(watermark.waits_for_time());
  clock.advance_micros(900);
  watermark.observe(0, progress({{0, 0, {200}}, {0, 1, {50}}}));
  CHECK(watermark.value().micros == 50);
  clock.advance_micros(200);
  CHECK(watermark.value().micros == 200);
  clock.advance_micros(800);
  CHECK(watermark.value().micros == 200);
  clock.advance_micros(500);  // all are silent: 1500 since the last row
  CHECK(watermark.value().micros == 1700);
}

TEST_CASE("a restart finds the watermark as it was, with another number of workers too") {
  ManualClock clock;
  MemoryStore store({.synchronous = true});
  Watermark before(clock, Duration{10}, std::nullopt);
  REQUIRE(before.restore(StoredKeys(store, "it", 1, 3)).ok());
  const EventProgressPtr seen = progress({{0, 0, {100}}, {0, 1, {80}}});
  before.observe(0, seen);
  Delta changes;
  before.end_epoch(changes);
  REQUIRE(changes.size() == 1);
  CHECK(Watermark::is_key(changes[0].first));
  Delta again;
  before.end_epoch(again);
  CHECK(again.empty());
  WriteBatch write;
  write.append_delta("it", changes);
  REQUIRE(store.commit_and_wait(std::move(write)).status.ok());

  Watermark after(clock, Duration{10}, std::nullopt);
  REQUIRE(after.restore(StoredKeys(store, "it", 0, 2)).ok());
  CHECK(after.value().micros == 70);
  after.observe(0, progress({{0, 0, {200}}}));  // the sender has not come to the other partition yet
  CHECK(after.value().micros == 70);
}

TEST_CASE("a sender that there is no more does not hold the watermark back after a restart") {
  ManualClock clock;
  MemoryStore store({.synchronous = true});
  Watermark before(clock, Duration{0}, std::nullopt);
  before.observe(0, progress({{0, 0, {100}}}));
  before.observe(1, progress({{0, 0, {80}}}));
  Delta changes;
  before.end_epoch(changes);
  WriteBatch write;
  write.append_delta("it", changes);
  REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  Watermark after(clock, Duration{0}, std::nullopt);
  REQUIRE(after.restore(StoredKeys(store, "it")).ok());
  after.observe(0, progress({{0, 0, {300}}}));
  CHECK(after.value().micros == 80);
  Delta more;
  after.end_epoch(more);
  CHECK(after.value().micros == 300);
}

TEST_CASE("while some partition has rows of which none was read the watermark stands still, also over a restart") {
  ManualClock clock;
  MemoryStore store({.synchronous = true});
  Watermark before(clock, Duration{0}, std::nullopt);
  before.observe(0, progress({{0, 0, {100}}}));
  CHECK(before.value().micros == 100);
  before.observe(0, progress({{0, 0, {300}}, {Watermark::kUnread, 0, Watermark::kNone}}));
  CHECK(before.value().micros == 100);
  Delta changes;
  before.end_epoch(changes);
  WriteBatch write;
  write.append_delta("it", changes);
  REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  Watermark after(clock, Duration{0}, std::nullopt);
  REQUIRE(after.restore(StoredKeys(store, "it")).ok());
  CHECK(after.value().micros == 100);
  after.observe(0, progress({{0, 1, {200}}}));
  CHECK(after.value().micros == 200);
}

TEST_CASE("a stored watermark that is broken is refused") {
  ManualClock clock;
  MemoryStore store({.synchronous = true});
  WriteBatch write;
  write.put("it", "\xffwatermark" + std::string(4, '\0'), "\x01rest");
  REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  Watermark watermark(clock, Duration{0}, std::nullopt);
  CHECK(watermark.restore(StoredKeys(store, "it")).code() == Code::kDataLoss);
}

TEST_CASE("a watermark of several inputs stands still until each has shown a row") {
  ManualClock clock;
  Watermark watermark(clock, Duration{10}, std::nullopt);
  watermark.set_inputs({0, 1, 1}, 2);
  watermark.observe(0, progress({{0, 0, {500}}}));
  CHECK(watermark.value() == Watermark::kNone);
  CHECK(watermark.value_of(0).micros == 490);
  CHECK(watermark.value_of(1) == Watermark::kNone);
  watermark.observe(2, progress({{1, 0, {300}}}));
  CHECK(watermark.value().micros == 290);
  CHECK(watermark.value_of(1).micros == 290);

  Watermark impatient(clock, Duration{0}, Duration{1000});
  impatient.set_inputs({0, 1}, 2);
  clock.advance_micros(900);
  impatient.observe(0, progress({{0, 0, {500}}}));
  CHECK(impatient.value() == Watermark::kNone);
  clock.advance_micros(200);
  CHECK(impatient.value().micros == 500);
}

TEST_CASE("a lateness that leaves the range of times leaves the watermark where it is") {
  ManualClock clock;
  Watermark watermark(clock, Duration{INT64_MAX}, std::nullopt);
  watermark.observe(0, progress({{0, 0, {-100}}}));
  CHECK(watermark.value() == Watermark::kNone);
}

}  // namespace
}  // namespace penstock
