#include "actors/sources/impression_log.h"

#include <catch2/catch.hpp>
#include <set>

#include "actors/sources/impressions.h"
#include "messages/batch_codec.h"
#include "storage/memory_store.h"
#include "tests/support/plan_of.h"
#include "tests/support/recording_monitor.h"

namespace penstock {
namespace {

const std::string kTopology =
    "name: t\n"
    "sources: {shown: {type: impressions, max_bytes: 4KiB, retain_for: 1s}}\n";

// Logs of impressions over a store whose commits the test runs.
struct Impressions {
  Impressions() {
    store.pause();
    REQUIRE(prepare(runtime).ok());
    logs.connect("shown", &ingest);
  }
  ~Impressions() { run(); }  // an Ingest waits for what is under way
  void run() {
    while (store.step()) {
    }
  }
  bool note(const std::string& user, const std::string& item, size_t copies = 1) {
    Impression impression{.id = "i", .user = user};
    for (size_t i = 0; i < copies; ++i)
      impression.items.push_back({item, 0.5, "taste"});
    impression.model = "taste";
    impression.model_version = 3;
    return logs.note("shown", std::move(impression));
  }
  // One row an entry of the log, and how many entries.
  std::string rows() {
    std::string out;
    entries = 0;
    const auto all = store.read("shown", Partition(0), Offset(0), 1 << 30);
    for (const LogEntry& entry : *all) {
      ++entries;
      const auto batch = decode_batch(entry.bytes, nullptr);
      INFO(batch.status().to_string());
      REQUIRE(batch.ok());
      CHECK(*(*batch)->schema() == *impressions_schema());
      out += (*batch)->to_string();
    }
    return out;
  }

  const topology::Plan plan = testing::plan_of(kTopology);
  ManualClock clock{{1'000'000}};
  test::RecordingMonitor monitor;
  MemoryStore store{MemoryStoreOptions{.synchronous = true}};
  Runtime runtime{plan, store, clock, monitor, {}, {}, {}, BatchCache(1 << 20), {}};
  Ingest ingest{runtime, "shown"};
  ImpressionLogs logs{runtime};
  size_t entries = 0;
};

TEST_CASE_METHOD(Impressions, "what is shown is noted beside the answer: a record for each item") {
  CHECK(note("u", "a", 2));
  CHECK(rows().empty());  // nothing waits for the store
  run();
  CHECK(rows() ==
        "i|1970-01-01T00:00:01Z|u|a|1|0.5|taste|taste|3|NULL|NULL|NULL|NULL|NULL\n"
        "i|1970-01-01T00:00:01Z|u|a|2|0.5|taste|taste|3|NULL|NULL|NULL|NULL|NULL\n");
  CHECK(runtime.board.get("shown").records == 2);
}

TEST_CASE_METHOD(Impressions, "what comes while a batch is on its way makes the next one") {
  for (int i = 0; i < 20; ++i)
    CHECK(note("u", "item-" + std::to_string(i)));
  run();
  CHECK_THAT(rows(), Catch::Contains("item-0|") && Catch::Contains("item-19|"));
  CHECK(entries == 2);
}

TEST_CASE_METHOD(Impressions, "a log that takes nothing costs no answer: notes are dropped and counted") {
  WriteBatch fill;
  fill.append("shown", Partition(0), std::string(5000, 'x'), 1, clock.now());
  store.commit(std::move(fill), nullptr);
  run();
  CHECK(note("u", "a"));
  run();
  CHECK(logs.dropped() == 1);
  CHECK(monitor.count("rejected shown 1 not_taken") == 1);
}

TEST_CASE_METHOD(Impressions, "a queue that nobody empties is bounded") {
  CHECK(note("u", "first"));
  CHECK(note("u", "a", ImpressionLogs::kMostQueued));
  CHECK_FALSE(note("u", "b"));
  CHECK(logs.dropped() == 1);
  run();
  CHECK(monitor.count("rejected shown 1 queue_full") == 1);
  CHECK(note("u", "c"));
  run();
}

TEST_CASE_METHOD(Impressions, "after the end notes are dropped") {
  ingest.stop();
  CHECK(note("u", "a"));
  CHECK(logs.dropped() == 1);
  logs.drain(Duration{1});
}

TEST_CASE_METHOD(Impressions, "ids are unlike each other") {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i)
    ids.insert(logs.new_id());
  CHECK(ids.size() == 1000);
}

}  // namespace
}  // namespace penstock
