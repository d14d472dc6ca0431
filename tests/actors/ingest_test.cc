#include "actors/sources/ingest.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "actors/regions/dead_letters.h"
#include "actors/sources/ingest_records.h"
#include "messages/batch_codec.h"
#include "messages/json_lines.h"
#include "storage/memory_store.h"
#include "tests/actors/simulated_node.h"
#include "tests/support/recording_monitor.h"

namespace penstock {
namespace {

const std::string kTopology =
    "name: t\n"
    "schemas:\n"
    "  order: {id: string, amount: int64}\n"
    "sources:\n"
    "  orders: {type: http, path: /ingest/orders, schema: order, id: id, key: id, partitions: 2, dedupe_for: 1h, "
    "max_bytes: 1MiB, retain_for: 1s}\n"
    "  plain: {type: http, path: /ingest/plain, schema: order}\n"
    "servers: {api: {type: http}}\n";

/// A source's Ingest over a store whose commits the test runs, and which outlives the process.
struct Fixture {
  Fixture() {
    store.pause();
    restart("orders");
  }

  void restart(const std::string& source) {
    ingest.reset();
    RuntimeOptions options;
    options.memory_budget = Bytes{64 << 20};
    runtime =
        std::unique_ptr<Runtime>(new Runtime{plan, store, clock, monitor, options, {}, {}, BatchCache(1 << 20), {}});
    REQUIRE(prepare(*runtime).ok());
    ingest = std::make_unique<Ingest>(*runtime, source);
  }

  static IngestRequest request(const std::string& lines, const std::string& key = {}) {
    const auto schema = std::make_shared<const Schema>(
        std::vector<Field>{{"id", Type::kString, false}, {"amount", Type::kInt64, false}});
    Decoded decoded = JsonLinesDecoder(schema).decode(lines);
    IngestRequest out;
    out.records = decoded.batch;
    for (const DecodeError& error : decoded.errors)
      out.wrong.push_back({"line " + std::to_string(error.line), "expected " + error.expected, error.record});
    out.idempotency_key = key;
    out.fingerprint = lines;
    out.bytes = lines.size();
    return out;
  }

  /// Sends a request; the answer comes, as a short text, when the store commits.
  std::shared_ptr<std::string> send(IngestRequest request) {
    auto answer = std::make_shared<std::string>("pending");
    ingest->take(std::move(request), [answer](const Result<IngestAnswer>& result) {
      CHECK(*answer == "pending");
      *answer = shown(result);
    });
    return answer;
  }
  std::string take(IngestRequest request) {
    const auto answer = send(std::move(request));
    while (store.step()) {
    }
    return *answer;
  }
  std::string take(const std::string& lines, const std::string& key = {}) { return take(request(lines, key)); }

  static std::string shown(const Result<IngestAnswer>& result) {
    if (!result.ok())
      return result.status().to_string();
    if (result->outcome == IngestAnswer::Outcome::kRefused)
      return "refused " + std::to_string(result->rejected);
    if (result->outcome == IngestAnswer::Outcome::kKeyReused)
      return "key reused";
    std::string out = result->replayed ? "again " : "taken ";
    out += std::to_string(result->accepted);
    if (result->rejected > 0)
      out += " wrong " + std::to_string(result->rejected);
    if (result->duplicates > 0)
      out += " known " + std::to_string(result->duplicates);
    for (const auto& place : result->places)
      out += " p" + std::to_string(place.partition.value()) + "@" + std::to_string(place.first.value()) + "+" +
             std::to_string(place.records);
    for (const auto& error : result->errors)
      out += " (" + error.pointer + ": " + error.detail + ")";
    return out;
  }

  /// The rows of a log, partition by partition.
  std::string rows(const std::string& log) {
    std::string out;
    for (uint32_t p = 0; p < *store.partitions(log); ++p) {
      const auto entries = store.read(log, Partition(p), Offset(0), 1 << 30);
      for (const LogEntry& entry : *entries)
        out += (*decode_batch(entry.bytes, nullptr))->to_string();
    }
    return out;
  }
  size_t remembered(const std::string& source = "orders") {
    size_t entries = 0;
    REQUIRE(store.scan(ingest_table(source), "", [&](auto, auto) { return ++entries > 0; }).ok());
    return entries;
  }

  const topology::Plan plan = testing::plan_of(kTopology);
  ManualClock clock{{1'000'000'000'000}};
  test::RecordingMonitor monitor;
  MemoryStore store{MemoryStoreOptions{.synchronous = true}};
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<Ingest> ingest;
};

TEST_CASE_METHOD(Fixture, "records are taken, and told where they went, when they are committed") {
  const auto answer = send(request(R"({"id":"a","amount":1})"
                                   "\n"
                                   R"({"id":"b","amount":2})"
                                   "\n"
                                   R"({"id":"c","amount":3})"));
  CHECK(*answer == "pending");
  CHECK(runtime->memory.parts().contains("ingest"));
  while (store.step()) {
  }
  CHECK_THAT(*answer, Catch::StartsWith("taken 3 p"));
  CHECK_THAT(rows("orders"), Catch::Contains("a|1") && Catch::Contains("b|2") && Catch::Contains("c|3"));
  CHECK_FALSE(runtime->memory.parts().contains("ingest"));
  CHECK(runtime->board.get("orders").records == 3);
}

TEST_CASE_METHOD(Fixture, "good records are kept, and wrong ones set aside in the same commit") {
  restart("plain");
  const auto answer = send(request("{\"id\":\"a\"}\n{\"id\":7}\nnonsense\n"));
  REQUIRE(store.step());
  CHECK_FALSE(store.step());
  CHECK(*answer == "taken 1 wrong 2 p0@0+1 (line 2: expected string) (line 3: expected an object)");
  CHECK_THAT(rows(kDeadLettersLog), Catch::Contains("line 2: expected string") && Catch::Contains("{\"id\":7}") &&
                                        Catch::Contains("nonsense") && Catch::Contains("plain"));
  CHECK(monitor.count("rejected plain 2 decode") == 1);
}

TEST_CASE_METHOD(Fixture, "a request without a good record, or an atomic one with a wrong one, leaves no trace") {
  CHECK(take("nonsense\n{\"id\":7}", "key") == "refused 2");
  IngestRequest atomic = request("{\"id\":\"a\"}\n{\"id\":7}", "key");
  atomic.atomic = true;
  CHECK(take(std::move(atomic)) == "refused 1");
  CHECK(rows("orders") == "");
  CHECK(rows(kDeadLettersLog) == "");
  CHECK(remembered() == 0);
  CHECK_THAT(take("{\"id\":\"a\"}", "key"), Catch::StartsWith("taken 1"));  // the key was not used up
}

TEST_CASE_METHOD(Fixture, "a request that is sent again counts once and gets the same answer") {
  restart("plain");
  const std::string lines = "{\"id\":\"a\"}\n{\"id\":7}\n{\"id\":\"b\"}";
  const std::string tail = " 2 wrong 1 p0@0+2 (line 2: expected string)";
  CHECK(take(lines, "key") == "taken" + tail);
  CHECK(take(lines, "key") == "again" + tail);
  restart("plain");
  CHECK(take(lines, "key") == "again" + tail);
  CHECK(take(lines, "other") == "taken 2 wrong 1 p0@2+2 (line 2: expected string)");
  CHECK(take(lines) == "taken 2 wrong 1 p0@4+2 (line 2: expected string)");
  CHECK(take(lines, "key") == "again" + tail);
}

TEST_CASE_METHOD(Fixture, "a key with other content is refused, now and after a restart") {
  restart("plain");
  CHECK(take("{\"id\":\"a\"}", "key") == "taken 1 p0@0+1");
  CHECK(take("{\"id\":\"b\"}", "key") == "key reused");
  restart("plain");
  CHECK(take("{\"id\":\"b\"}", "key") == "key reused");
  CHECK(rows("plain") == "a|NULL\n");
}

TEST_CASE_METHOD(Fixture, "of two requests with one key in flight the second waits for the first") {
  restart("plain");
  const auto first = send(request("{\"id\":\"a\"}", "key"));
  const auto second = send(request("{\"id\":\"a\"}", "key"));
  const auto third = send(request("{\"id\":\"b\"}", "key"));
  CHECK(store.queued() == 1);
  store.step();
  CHECK(*first == "taken 1 p0@0+1");
  CHECK(*second == "again 1 p0@0+1");
  CHECK(*third == "key reused");
  CHECK(store.queued() == 0);
}

TEST_CASE_METHOD(Fixture, "if the first one's commit is refused the second one is taken instead") {
  restart("plain");
  store.fail_next_commit(resource_exhausted("the disk is full"));
  const auto first = send(request("{\"id\":\"a\"}", "key"));
  const auto second = send(request("{\"id\":\"a\"}", "key"));
  const auto third = send(request("{\"id\":\"a\"}", "key"));
  store.step();
  CHECK(*first == "resource_exhausted: the disk is full");
  CHECK(*second == "pending");
  store.step();
  CHECK(*second == "taken 1 p0@0+1");
  CHECK(*third == "again 1 p0@0+1");
}

TEST_CASE_METHOD(Fixture, "a request whose process dies after the commit and before the answer counts once") {
  restart("plain");
  ingest->take(request("{\"id\":\"a\"}", "key"), [](const Result<IngestAnswer>&) {});  // nobody hears it
  store.step();
  restart("plain");
  CHECK(take("{\"id\":\"a\"}", "key") == "again 1 p0@0+1");
  CHECK(rows("plain") == "a|NULL\n");
}

TEST_CASE_METHOD(Fixture, "a request whose process dies before the commit is taken when it is sent again") {
  restart("plain");
  ingest->take(request("{\"id\":\"a\"}", "key"), [](const Result<IngestAnswer>&) { FAIL("no answer"); });
  REQUIRE(store.drop_queued() == 1);
  restart("plain");
  CHECK(take("{\"id\":\"a\"}", "key") == "taken 1 p0@0+1");
}

TEST_CASE_METHOD(Fixture, "a record whose id was taken before is not taken again") {
  CHECK_THAT(take("{\"id\":\"a\",\"amount\":1}\n{\"id\":\"b\",\"amount\":1}"), Catch::StartsWith("taken 2 p"));
  CHECK_THAT(take("{\"id\":\"b\",\"amount\":2}\n{\"id\":\"c\",\"amount\":2}\n{\"id\":\"c\",\"amount\":3}"),
             Catch::StartsWith("taken 1 known 2 p"));
  restart("orders");
  CHECK(take("{\"id\":\"a\",\"amount\":4}\n{\"id\":\"c\",\"amount\":4}") == "taken 0 known 2");
  CHECK_THAT(rows("orders"), Catch::Contains("a|1") && Catch::Contains("b|1") && Catch::Contains("c|2"));
  CHECK(rows("orders").size() == std::string("a|1\nb|1\nc|2\n").size());
  CHECK(monitor.count("duplicates orders 2") == 2);
}

TEST_CASE_METHOD(Fixture, "records without an id are never duplicates") {
  CHECK_THAT(take("{\"amount\":1}\n{\"amount\":1}"), Catch::StartsWith("taken 2"));
  CHECK_THAT(take("{\"amount\":1}"), Catch::StartsWith("taken 1"));
}

TEST_CASE_METHOD(Fixture, "ids that differ only past the length that is stored whole are told apart") {
  const std::string start(300, 'x');
  CHECK_THAT(take("{\"id\":\"" + start + "1\"}\n{\"id\":\"" + start + "2\"}"), Catch::StartsWith("taken 2"));
  CHECK_THAT(take("{\"id\":\"" + start + "1\"}\n{\"id\":\"" + start + "3\"}"), Catch::StartsWith("taken 1 known 1"));
}

TEST_CASE_METHOD(Fixture,
                 "two requests in flight with an id in common: the record counts once, whoever's commit holds") {
  const bool refused = GENERATE(false, true);
  if (refused)
    store.fail_next_commit(unavailable("no disk"));
  const auto first = send(request("{\"id\":\"a\"}\n{\"id\":\"b\"}"));
  const auto second = send(request("{\"id\":\"b\"}\n{\"id\":\"c\"}"));
  const auto apart = send(request("{\"id\":\"d\"}"));
  CHECK(store.queued() == 2);  // the one that shares nothing does not wait
  while (store.step()) {
  }
  CHECK_THAT(*apart, Catch::StartsWith("taken 1"));
  CHECK_THAT(*first, Catch::StartsWith(refused ? "unavailable: no disk" : "taken 2"));
  CHECK_THAT(*second, Catch::StartsWith(refused ? "taken 2 p" : "taken 1 known 1 p"));
}

TEST_CASE_METHOD(Fixture,
                 "a request that is sent again with ids and key gets its first answer, not one of duplicates") {
  const std::string first = take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "key");
  CHECK_THAT(first, Catch::StartsWith("taken 2 p"));
  CHECK(take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "key") == "again" + first.substr(5));
  CHECK(take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "other") == "taken 0 known 2");
  CHECK(take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "other") == "again 0 known 2");
}

TEST_CASE_METHOD(Fixture, "keys and ids are forgotten when dedupe_for is over") {
  CHECK_THAT(take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "key"), Catch::StartsWith("taken 2"));
  CHECK(remembered() == 4);  // two ids, a key, and when
  clock.advance_micros(3'599'000'000);
  CHECK_THAT(take("{\"id\":\"c\"}"), Catch::StartsWith("taken 1"));
  const auto forget = [&] {
    store.resume();
    const uint64_t forgotten = ingest->forget(clock.now(), 1000).value();
    store.pause();
    return forgotten;
  };
  CHECK(forget() == 0);
  CHECK(take("{\"id\":\"a\"}") == "taken 0 known 1");
  clock.advance_micros(1'000'000);
  SECTION("what is too old counts as forgotten before it is dropped") {
    CHECK_THAT(take("{\"id\":\"a\"}"), Catch::StartsWith("taken 1"));
    CHECK_THAT(take("{\"id\":\"x\"}", "key"), Catch::StartsWith("taken 1"));
    CHECK(forget() == 1);  // b; a and key have come again
    CHECK(take("{\"id\":\"a\"}") == "taken 0 known 1");
    CHECK(take("{\"id\":\"y\"}", "key") == "key reused");
  }
  SECTION("the janitor drops it, in small bites if told so") {
    CHECK(forget() == 3);
    CHECK(remembered() == 2);
    CHECK_THAT(take("{\"id\":\"a\"}", "key"), Catch::StartsWith("taken 1"));
  }
  SECTION("what a request is at work on is left alone") {
    const auto pending = send(request("{\"id\":\"b\"}"));
    CHECK(ingest->forget(clock.now(), 1000).value() == 0);
    store.step();
    CHECK_THAT(*pending, Catch::StartsWith("taken 1"));
    CHECK(forget() == 2);
    CHECK(take("{\"id\":\"b\"}") == "taken 0 known 1");
  }
}

TEST_CASE_METHOD(Fixture, "a full log takes nothing until retention has made room, but answers what it took") {
  const std::string text(600'000, 'x');
  CHECK_THAT(take("{\"id\":\"a\"}", "key"), Catch::StartsWith("taken 1"));
  for (int i = 0; i < 2; ++i) {
    WriteBatch fill;
    fill.append("orders", Partition(0), text, 1, clock.now());
    store.commit(std::move(fill), nullptr);
    store.step();
  }
  CHECK_THAT(take("{\"id\":\"b\"}"), Catch::StartsWith("resource_exhausted: the log orders is full: it holds 1.1MiB, "
                                                       "its max_bytes is 1MiB"));
  CHECK(runtime->board.get("orders").state == "paused");
  CHECK_THAT(runtime->board.get("orders").message, Catch::Contains("the log orders is full"));
  CHECK_THAT(take("{\"id\":\"a\"}", "key"), Catch::StartsWith("again 1"));
  CHECK_FALSE(runtime->memory.parts().contains("ingest"));
  clock.advance_micros(2'000'000);
  REQUIRE(store.retain(clock.now()).ok());
  CHECK_THAT(take("{\"id\":\"b\"}"), Catch::StartsWith("taken 1"));
  CHECK(runtime->board.get("orders").state == "live");
  CHECK(monitor.count("state orders paused") == 1);
}

TEST_CASE_METHOD(Fixture, "nothing is taken while the node's memory budget is used up") {
  runtime->memory.set("state.big", 65 << 20);
  CHECK_THAT(take("{\"id\":\"a\"}"), Catch::StartsWith("resource_exhausted: the node's memory budget of 64MiB"));
  runtime->memory.set("state.big", 0);
  CHECK_THAT(take("{\"id\":\"a\"}"), Catch::StartsWith("taken 1"));
}

TEST_CASE_METHOD(Fixture, "a large request is stored as batches of a bounded size, and told as one") {
  restart("plain");
  std::string lines;
  for (int i = 0; i < 150'000; ++i)
    lines += "{\"amount\":1}\n";
  CHECK(take(lines, "key") == "taken 150000 p0@0+150000");
  CHECK(store.read("plain", Partition(0), Offset(0), 1 << 30)->size() == 3);
  CHECK(take(lines, "key") == "again 150000 p0@0+150000");
}

TEST_CASE_METHOD(Fixture, "a node that stops refuses what comes, and what was waiting") {
  restart("plain");
  const auto first = send(request("{\"id\":\"a\"}", "key"));
  const auto second = send(request("{\"id\":\"a\"}", "key"));
  std::thread stopping([this] { ingest->stop(); });
  while (take("{\"id\":\"z\"}") != "unavailable: the node is stopping") {
  }
  stopping.join();
  CHECK(*first == "taken 1 p0@0+1");
  CHECK_THAT(*second, Catch::StartsWith("again") || Catch::StartsWith("unavailable"));
}

TEST_CASE("many threads send the same requests at the same time, and each counts once", "[threads]") {
  const topology::Plan plan = testing::plan_of(kTopology);
  MemoryStore store;
  test::RecordingMonitor monitor;
  Runtime runtime{plan, store, Clock::system(), monitor, {}, {}, {}, BatchCache(1 << 20), {}};
  REQUIRE(prepare(runtime).ok());
  constexpr int kThreads = 4, kRequests = 200;
  std::atomic<int> answers = 0;
  std::atomic<uint64_t> failures = 0, fresh = 0;
  {
    Ingest ingest(runtime, "orders");
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&] {
        for (int i = 0; i < kRequests; ++i) {  // ids overlap with those of the requests before and behind
          std::string lines;
          for (int id = i; id < i + 3; ++id)
            lines += "{\"id\":\"" + std::to_string(id) + "\"}\n";
          ingest.take(Fixture::request(lines, i % 2 == 0 ? std::to_string(i) : ""),
                      [&](const Result<IngestAnswer>& answer) {
                        failures += !answer.ok();
                        fresh += answer.ok() && !answer->replayed ? answer->accepted : 0;
                        ++answers;
                        answers.notify_one();
                      });
        }
      });
    for (std::thread& thread : threads)
      thread.join();
    for (int seen = answers; seen < kThreads * kRequests; seen = answers)
      answers.wait(seen);
  }
  CHECK(failures == 0);
  CHECK(fresh == kRequests + 2);
  CHECK(store.range("orders", Partition(0))->next.value() + store.range("orders", Partition(1))->next.value() ==
        kRequests + 2);
}

TEST_CASE("a stored answer of another format, or a damaged one, is told") {
  StoredAnswer stored{{5}, "f", {}};
  stored.answer.accepted = 2;
  stored.answer.places = {{Partition(1), {}, 2}};
  const uint32_t append = 0;
  const std::string bytes = encode_answer(stored, {&append, 1}) + std::string(8, '\0');
  REQUIRE(decode_answer(bytes).ok());
  for (size_t size = 0; size < bytes.size(); ++size)
    CHECK(decode_answer(bytes.substr(0, size)).status().code() == Code::kDataLoss);
  CHECK_THAT(decode_answer("\x02" + bytes.substr(1)).status().message(), Catch::Contains("format 2"));
  CHECK(decode_remembered(std::string("\x05\0\0\0abc", 7)).status().code() == Code::kDataLoss);
  CHECK(remembered_time("t").status().code() == Code::kDataLoss);
}

}  // namespace
}  // namespace penstock
