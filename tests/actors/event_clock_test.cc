#include "actors/regions/event_clock.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

BatchPtr rows(std::vector<int64_t> times, Bitmap validity = {}) {
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"at", Type::kTimestamp, false}});
  return RecordBatch::make(schema, {Column::int64s(std::move(times), std::move(validity), Type::kTimestamp)});
}

BatchPtr from(uint32_t input, uint32_t partition, const BatchPtr& batch) {
  return batch->with_origin({Partition(partition), Offset(0), {}, nullptr, input});
}

std::string text(const EventClock& clock) {
  std::string out;
  for (const EventProgress::Part& part : clock.progress()->parts)
    out += (out.empty() ? "" : " ") + std::to_string(part.input) + "/" + std::to_string(part.partition) + "@" +
           std::to_string(part.latest.micros);
  return out;
}

TEST_CASE("an event clock keeps the latest time of each partition of each log") {
  EventClock clock(0);
  CHECK(text(clock) == "");
  clock.observe(*from(1, 2, rows({5, 9, 7})));
  clock.observe(*from(0, 3, rows({4})));
  clock.observe(*from(1, 0, rows({6})));
  CHECK(text(clock) == "0/3@4 1/0@6 1/2@9");
  clock.observe(*from(1, 2, rows({8})));
  CHECK(text(clock) == "0/3@4 1/0@6 1/2@9");
  clock.observe(*from(1, 2, rows({10})));
  CHECK(text(clock) == "0/3@4 1/0@6 1/2@10");
}

TEST_CASE("an event clock passes over nulls and rows that are not selected") {
  EventClock clock(0);
  clock.observe(*rows({50, 60}, {0}));
  CHECK(text(clock) == "");
  clock.observe(*rows({50, 60, 70}, {0b011})->select({0}));
  CHECK(text(clock) == "0/0@50");
}

TEST_CASE("an event clock gives the same progress as long as nothing changes") {
  EventClock clock(0);
  clock.observe(*rows({50}));
  const EventProgressPtr before = clock.progress();
  clock.observe(*rows({40, 50}));
  CHECK(clock.progress() == before);
  clock.observe(*rows({51}));
  CHECK(clock.progress() != before);
  CHECK(before->parts[0].latest.micros == 50);
}

}  // namespace
}  // namespace penstock
