#include "actors/sources/synthetic.h"

#include <catch2/catch.hpp>

#include "models/als.h"
#include "models/evaluation.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Role;

std::string read_all(Source& source, uint64_t max_bytes) {
  std::string all;
  for (;;) {
    auto read = source.read(max_bytes);
    REQUIRE(read.ok());
    if (read->batch)
      all += read->batch->to_string();
    if (read->finished)
      return all;
  }
}

TEST_CASE("synthetic gives the same events whatever the sizes of the batches and wherever it is resumed") {
  const Made made(Role::kSource, "synthetic", "users: 50\nitems: 40\nevents: 700\nseed: 3", {});
  const SourcePtr whole = made.source(), parts = made.source();
  REQUIRE(whole->open("").ok());
  const std::string expected = read_all(*whole, 1 << 20);
  CHECK(std::count(expected.begin(), expected.end(), '\n') == 700);

  REQUIRE(parts->open("").ok());
  std::string got, position;
  for (int i = 0; i < 5; ++i) {
    auto read = parts->read(96 * 33);
    REQUIRE(read.ok());
    CHECK(read->batch->rows() == 33);
    got += read->batch->to_string();
    position = read->position;
  }
  const SourcePtr resumed = made.source();
  REQUIRE(resumed->open(position).ok());
  CHECK(got + read_all(*resumed, 5000) == expected);
}

TEST_CASE("synthetic gives other events for another seed") {
  const Made one(Role::kSource, "synthetic", "events: 100\nseed: 1", {}),
      two(Role::kSource, "synthetic", "events: 100\nseed: 2", {});
  const SourcePtr a = one.source(), b = two.source();
  CHECK(read_all(*a, 1 << 20) != read_all(*b, 1 << 20));
}

TEST_CASE("synthetic keeps the rate by the clock it is given, after its history") {
  const Made made(Role::kSource, "synthetic", "events: 0\nrate: 10\nhistory: 200", {});
  const SourcePtr source = made.source();
  REQUIRE(source->open("").ok());
  CHECK(source->read(1 << 20)->batch->rows() == 200);
  CHECK(source->read(1 << 20)->batch == nullptr);
  made.clock->advance_micros(1'550'000);
  const auto read = source->read(1 << 20);
  CHECK(read->batch->rows() == 15);
  CHECK(read->position == "215");
  CHECK_FALSE(read->finished);
  CHECK(source->read(1 << 20)->batch == nullptr);
  // What did not come while nothing ran is not made up for.
  made.clock->advance_micros(3'600'000'000);
  const SourcePtr resumed = made.source();
  REQUIRE(resumed->open("215").ok());
  CHECK(resumed->read(1 << 20)->batch == nullptr);
  made.clock->advance_micros(1'000'000);
  CHECK(resumed->read(1 << 20)->batch->rows() == 10);
}

TEST_CASE("synthetic refuses a position that is none") {
  const SourcePtr source = Made(Role::kSource, "synthetic", "events: 5", {}).source();
  CHECK(source->open("12x").code() == Code::kDataLoss);
}

TEST_CASE("synthetic checks its start") {
  CHECK_THAT(test::mistakes(Role::kSource, "synthetic", "start: yesterday", {}), Catch::Contains("is not a timestamp"));
}

TEST_CASE("users of the marketplace choose what suits them, and buy what suits them best") {
  const Marketplace market({.users = 300, .items = 200, .seed = 5});
  std::vector<MarketplaceEvent> events;
  market.events(0, 40'000, events);
  double sum[3] = {}, count[3] = {};
  for (const MarketplaceEvent& event : events) {
    sum[static_cast<int>(event.kind)] += market.affinity(event.user, event.item);
    ++count[static_cast<int>(event.kind)];
  }
  const double viewed = sum[0] / count[0], carted = sum[1] / count[1], bought = sum[2] / count[2];
  CHECK(viewed > 0.5);
  CHECK(carted > viewed);
  CHECK(bought > carted);
  CHECK(count[0] > 0.6 * 40'000);
  CHECK(count[2] > 0.03 * 40'000);
  for (size_t i = 1; i < events.size(); ++i)
    REQUIRE(events[i - 1].at < events[i].at);
}

struct Silent final : TrainingProgress {
  void step(size_t, size_t, const std::string&) override {}
};

TEST_CASE("what the marketplace's users do can be learnt: als beats most popular by more than twice") {
  const Marketplace market({.users = 600, .items = 400, .seed = 1});
  std::vector<MarketplaceEvent> events;
  market.events(0, 30'000, events);
  EventLog log;
  for (const MarketplaceEvent& event : events)
    log.add({std::to_string(event.user + 1), std::to_string(event.item + 1), 1, event.at});
  const auto data = split(std::move(log), {});
  REQUIRE(data.ok());
  Silent silent;
  const auto report = evaluate(*make_als({.factors = 16}).value(), *data, {.cutoffs = {10}}, silent);
  REQUIRE(report.ok());
  REQUIRE(report->models.size() >= 2);
  CHECK(report->models[1].name == "most_popular");
  CHECK(report->models[0].value("ndcg@10") > 2 * report->models[1].value("ndcg@10"));
}

}  // namespace
}  // namespace penstock
