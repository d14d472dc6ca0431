#include <catch2/catch.hpp>

#include "tests/servers/api_fixture.h"

namespace penstock {
namespace {

using test::ApiFixture;

TEST_CASE_METHOD(ApiFixture, "one event, an array of events, and JSON Lines are taken") {
  CHECK(post("/v1/events", R"({"user":1,"item":"a","at":"2026-05-01T12:00:00Z"})") ==
        R"(201 {"log":"deliveries","events":1,"places":[{"partition":1,"first_offset":0,"events":1}]})");
  CHECK(post("/v1/events?source=deliveries",
             "[\n {\"user\": 2,\n  \"item\": \"b\"},\n {\"user\": 3, \"item\": \"c\"}\n]",
             "application/json; charset=utf-8") ==
        R"(201 {"log":"deliveries","events":2,"places":[{"partition":1,"first_offset":1,"events":2}]})");
  CHECK_THAT(post("/v1/events", "{\"user\":4,\"item\":\"d\"}\n\n{\"user\":5,\"item\":\"e\"}", "application/x-ndjson"),
             Catch::StartsWith("201 "));
  CHECK(node.posted_.size() == 3);
  CHECK_THAT(node.posted_[1], Catch::Contains("2|b|") && Catch::Contains("3|c|"));
  CHECK_THAT(node.posted_[2], Catch::Contains("5|e|"));
}

TEST_CASE_METHOD(ApiFixture, "events are answered when they are durable, not before") {
  node.cork();
  CHECK(post("/v1/events", R"({"user":1,"item":"a"})") == "no answer yet");
  CHECK(monitor.events().empty());
  node.release();
  CHECK(later()->status == 201);
  CHECK(monitor.count("request POST /v1/events 201") == 1);
}

TEST_CASE_METHOD(ApiFixture, "one wrong event refuses all, and each wrong one is named") {
  const std::string array = post("/v1/events", R"([{"user":1,"item":"a"},{"user":"x","item":"b"},{"item":"c"}])");
  CHECK(detail(array) == "400 2 of 3 events are wrong; none was taken");
  CHECK_THAT(array, Catch::Contains(R"("pointer":"/1/user")") && Catch::Contains(R"("pointer":"/2/user")") &&
                        Catch::Contains("expected int64"));
  CHECK_THAT(post("/v1/events", "{\"user\":1,\"item\":\"a\"}\n{\"user\":", "application/jsonl"),
             Catch::StartsWith("400 ") && Catch::Contains("line 2"));
  CHECK(node.posted_.empty());
}

TEST_CASE_METHOD(ApiFixture, "bodies that hold no events are refused") {
  for (const char* body : {"", "[]", "  ", "42", "[1]", "{\"user\":1", "null", "[{\"user\":1,\"item\":\"a\"}] x"}) {
    INFO(body);
    CHECK_THAT(post("/v1/events", body), Catch::StartsWith("400 "));
  }
  CHECK_THAT(post("/v1/events", "\n\n", "application/x-ndjson"), Catch::Contains("the body holds no events"));
  CHECK(node.posted_.empty());
}

TEST_CASE_METHOD(ApiFixture, "other content types and unknown sources are refused") {
  CHECK_THAT(post("/v1/events", "{}", "text/plain"), Catch::StartsWith("415 ") && Catch::Contains("application/json"));
  CHECK_THAT(post("/v1/events", "{}", ""), Catch::StartsWith("415 ") && Catch::Contains("Content-Type is missing"));
  CHECK_THAT(post("/v1/events?source=deliverys", "{}"), Catch::StartsWith("404 "));
}

TEST_CASE_METHOD(ApiFixture, "many wrong events do not make a huge answer") {
  std::string body;
  for (int i = 0; i < 5000; ++i)
    body += "{\"user\":\"x\"}\n";
  const std::string answer = post("/v1/events", body, "application/x-ndjson");
  CHECK(detail(answer) == "400 5000 of 5000 events are wrong; none was taken");
  CHECK(answer.size() < 20000);
}

TEST_CASE_METHOD(ApiFixture, "a full store answers 429") {
  node.failure_ = resource_exhausted("the disk budget is used up");
  const auto answer = ask("POST", "/v1/events", R"({"user":1,"item":"a"})");
  CHECK(answer->status == 429);
  CHECK(answer->headers == HttpFields{{"Retry-After", "1"}});
}

}  // namespace
}  // namespace penstock
