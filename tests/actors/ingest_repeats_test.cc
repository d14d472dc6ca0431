// What is sent again is taken once.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/actors/ingest_fixture.h"

namespace penstock {
namespace {

TEST_CASE_METHOD(IngestFixture, "a request that is sent again counts once and gets the same answer") {
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

TEST_CASE_METHOD(IngestFixture, "a key with other content is refused, now and after a restart") {
  restart("plain");
  CHECK(take("{\"id\":\"a\"}", "key") == "taken 1 p0@0+1");
  CHECK(take("{\"id\":\"b\"}", "key") == "key reused");
  restart("plain");
  CHECK(take("{\"id\":\"b\"}", "key") == "key reused");
  CHECK(rows("plain") == "a|NULL\n");
}

TEST_CASE_METHOD(IngestFixture, "of two requests with one key in flight the second waits for the first") {
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

TEST_CASE_METHOD(IngestFixture, "if the first one's commit is refused the second one is taken instead") {
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

TEST_CASE_METHOD(IngestFixture, "a request whose process dies after the commit and before the answer counts once") {
  restart("plain");
  ingest->take(request("{\"id\":\"a\"}", "key"), [](const Result<IngestAnswer>&) {});  // nobody hears it
  store.step();
  restart("plain");
  CHECK(take("{\"id\":\"a\"}", "key") == "again 1 p0@0+1");
  CHECK(rows("plain") == "a|NULL\n");
}

TEST_CASE_METHOD(IngestFixture, "a request whose process dies before the commit is taken when it is sent again") {
  restart("plain");
  ingest->take(request("{\"id\":\"a\"}", "key"), [](const Result<IngestAnswer>&) { FAIL("no answer"); });
  REQUIRE(store.drop_queued() == 1);
  restart("plain");
  CHECK(take("{\"id\":\"a\"}", "key") == "taken 1 p0@0+1");
}

TEST_CASE_METHOD(IngestFixture, "a record whose id was taken before is not taken again") {
  CHECK_THAT(take("{\"id\":\"a\",\"amount\":1}\n{\"id\":\"b\",\"amount\":1}"), Catch::StartsWith("taken 2 p"));
  CHECK_THAT(take("{\"id\":\"b\",\"amount\":2}\n{\"id\":\"c\",\"amount\":2}\n{\"id\":\"c\",\"amount\":3}"),
             Catch::StartsWith("taken 1 known 2 p"));
  restart("orders");
  CHECK(take("{\"id\":\"a\",\"amount\":4}\n{\"id\":\"c\",\"amount\":4}") == "taken 0 known 2");
  CHECK_THAT(rows("orders"), Catch::Contains("a|1") && Catch::Contains("b|1") && Catch::Contains("c|2"));
  CHECK(rows("orders").size() == std::string("a|1\nb|1\nc|2\n").size());
  CHECK(monitor.count("duplicates orders 2") == 2);
}

TEST_CASE_METHOD(IngestFixture, "records without an id are never duplicates") {
  CHECK_THAT(take("{\"amount\":1}\n{\"amount\":1}"), Catch::StartsWith("taken 2"));
  CHECK_THAT(take("{\"amount\":1}"), Catch::StartsWith("taken 1"));
}

TEST_CASE_METHOD(IngestFixture, "ids that differ only past the length that is stored whole are told apart") {
  const std::string start(300, 'x');
  CHECK_THAT(take("{\"id\":\"" + start + "1\"}\n{\"id\":\"" + start + "2\"}"), Catch::StartsWith("taken 2"));
  CHECK_THAT(take("{\"id\":\"" + start + "1\"}\n{\"id\":\"" + start + "3\"}"), Catch::StartsWith("taken 1 known 1"));
}

TEST_CASE_METHOD(IngestFixture,
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

TEST_CASE_METHOD(IngestFixture,
                 "a request that is sent again with ids and key gets its first answer, not one of duplicates") {
  const std::string first = take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "key");
  CHECK_THAT(first, Catch::StartsWith("taken 2 p"));
  CHECK(take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "key") == "again" + first.substr(5));
  CHECK(take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "other") == "taken 0 known 2");
  CHECK(take("{\"id\":\"a\"}\n{\"id\":\"b\"}", "other") == "again 0 known 2");
}

TEST_CASE_METHOD(IngestFixture, "keys and ids are forgotten when dedupe_for is over") {
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

TEST_CASE("many threads send the same requests at the same time, and each counts once", "[threads]") {
  const topology::Plan plan = testing::plan_of(kIngestTopology);
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
          ingest.take(IngestFixture::request(lines, i % 2 == 0 ? std::to_string(i) : ""),
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
