#include "actors/sources/ingest.h"

#include <catch2/catch.hpp>
#include <thread>

#include "actors/regions/dead_letters.h"
#include "tests/actors/ingest_fixture.h"

namespace penstock {
namespace {

TEST_CASE_METHOD(IngestFixture, "records are taken, and told where they went, when they are committed") {
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

TEST_CASE_METHOD(IngestFixture, "good records are kept, and wrong ones set aside in the same commit") {
  restart("plain");
  const auto answer = send(request("{\"id\":\"a\"}\n{\"id\":7}\nnonsense\n"));
  REQUIRE(store.step());
  CHECK_FALSE(store.step());
  CHECK(*answer == "taken 1 wrong 2 p0@0+1 (line 2: expected string) (line 3: expected an object)");
  CHECK_THAT(rows(kDeadLettersLog), Catch::Contains("line 2: expected string") && Catch::Contains("{\"id\":7}") &&
                                        Catch::Contains("nonsense") && Catch::Contains("plain"));
  CHECK(monitor.count("rejected plain 2 decode") == 1);
}

TEST_CASE_METHOD(IngestFixture, "a request without a good record, or an atomic one with a wrong one, leaves no trace") {
  CHECK(take("nonsense\n{\"id\":7}", "key") == "refused 2");
  IngestRequest atomic = request("{\"id\":\"a\"}\n{\"id\":7}", "key");
  atomic.atomic = true;
  CHECK(take(std::move(atomic)) == "refused 1");
  CHECK(rows("orders") == "");
  CHECK(rows(kDeadLettersLog) == "");
  CHECK(remembered() == 0);
  CHECK_THAT(take("{\"id\":\"a\"}", "key"), Catch::StartsWith("taken 1"));  // the key was not used up
}

TEST_CASE_METHOD(IngestFixture, "a full log takes nothing until retention has made room, but answers what it took") {
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

TEST_CASE_METHOD(IngestFixture, "nothing is taken while the node's memory budget is used up") {
  runtime->memory.set("state.big", 65 << 20);
  CHECK_THAT(take("{\"id\":\"a\"}"), Catch::StartsWith("resource_exhausted: the node's memory budget of 64MiB"));
  runtime->memory.set("state.big", 0);
  CHECK_THAT(take("{\"id\":\"a\"}"), Catch::StartsWith("taken 1"));
}

TEST_CASE_METHOD(IngestFixture, "a large request is stored as batches of a bounded size, and told as one") {
  restart("plain");
  std::string lines;
  for (int i = 0; i < 150'000; ++i)
    lines += "{\"amount\":1}\n";
  CHECK(take(lines, "key") == "taken 150000 p0@0+150000");
  CHECK(store.read("plain", Partition(0), Offset(0), 1 << 30)->size() == 3);
  CHECK(take(lines, "key") == "again 150000 p0@0+150000");
}

TEST_CASE_METHOD(IngestFixture, "a node that stops refuses what comes, and what was waiting") {
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

}  // namespace
}  // namespace penstock
