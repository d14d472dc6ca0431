// POST /v1/events, and the same at a source's own path.
#include <catch2/catch.hpp>

#include "tests/servers/api_fixture.h"

namespace penstock {
namespace {

using test::ApiFixture;

const std::string kGood = R"({"user":1,"item":"a"})";

TEST_CASE_METHOD(ApiFixture, "one event, an array of events, and JSON Lines are taken") {
  CHECK(post("/v1/events", R"({"user":1,"item":"a","at":"2026-05-01T12:00:00Z"})") ==
        R"(201 {"log":"deliveries","accepted":1,"rejected":0,"duplicates":0,)"
        R"("places":[{"partition":1,"first_offset":0,"events":1}],"errors":[]})");
  CHECK(post("/v1/events?source=deliveries",
             "[\n {\"user\": 2,\n  \"item\": \"b\"},\n {\"user\": 3, \"item\": \"c\"}\n]",
             "application/json; charset=utf-8") ==
        R"(201 {"log":"deliveries","accepted":2,"rejected":0,"duplicates":0,)"
        R"("places":[{"partition":1,"first_offset":1,"events":2}],"errors":[]})");
  CHECK_THAT(post("/v1/events", "{\"user\":4,\"item\":\"d\"}\n\n{\"user\":5,\"item\":\"e\"}", "application/x-ndjson"),
             Catch::StartsWith("201 "));
  CHECK(node.posted_.size() == 3);
  CHECK_THAT(node.posted_[1], Catch::Contains("2|b|") && Catch::Contains("3|c|"));
  CHECK_THAT(node.posted_[2], Catch::Contains("5|e|"));
}

TEST_CASE_METHOD(ApiFixture, "a source of type http takes the same at its own path") {
  CHECK_THAT(post("/ingest/deliveries", kGood), Catch::StartsWith("201 ") && Catch::Contains("\"accepted\":1"));
  CHECK_THAT(post("/ingest/deliveries?source=x", kGood), Catch::StartsWith("400 ") && Catch::Contains("source"));
  CHECK(monitor.count("request POST /ingest/deliveries 201") == 1);
  const auto wrong_method = ask("PUT", "/ingest/deliveries", kGood);
  CHECK(wrong_method->status == 405);
  CHECK(wrong_method->headers == HttpFields{{"Allow", "POST"}});
  CHECK_THAT(get("/ingest/delivery"), Catch::StartsWith("404 ") && Catch::Contains("/ingest/deliveries"));
}

TEST_CASE_METHOD(ApiFixture, "events are answered when they are durable, not before") {
  node.cork();
  CHECK(post("/v1/events", kGood) == "no answer yet");
  CHECK(monitor.events() == std::vector<std::string>{"requests 1"});
  node.release();
  CHECK(later()->status == 201);
  CHECK(monitor.count("request POST /v1/events 201") == 1);
}

TEST_CASE_METHOD(ApiFixture, "good events are taken, and each wrong one is named") {
  const std::string array = post("/v1/events", R"([{"user":1,"item":"a"},{"user":"x","item":"b"},{"item":"c"}])");
  CHECK(array == R"(200 {"log":"deliveries","accepted":1,"rejected":2,"duplicates":0,)"
                 R"("places":[{"partition":1,"first_offset":0,"events":1}],"errors":[)"
                 R"({"pointer":"/1/user","detail":"expected int64, found \"x\""},)"
                 R"({"pointer":"/2/user","detail":"expected int64, found no such member"}]})");
  CHECK(node.request_.wrong[0].record == R"({"user":"x","item":"b"})");
  CHECK_THAT(post("/v1/events", "{\"user\":1,\"item\":\"a\"}\n{\"user\":", "application/jsonl"),
             Catch::StartsWith("200 ") && Catch::Contains(R"("pointer":"line 2/user")"));
  CHECK(node.posted_.size() == 2);
}

TEST_CASE_METHOD(ApiFixture, "if all events are wrong, or one is and `atomic` is asked for, none is taken") {
  const std::string atomic = post("/v1/events?atomic=true", R"([{"user":1,"item":"a"},{"user":"x","item":"b"}])");
  CHECK(detail(atomic) == "400 1 of 2 events are wrong; none was taken");
  CHECK_THAT(atomic, Catch::Contains(R"("errors":[{"pointer":"/1/user")"));
  const std::string single = post("/v1/events", R"({"user":"x"})");
  CHECK(detail(single) == "400 1 of 1 event is wrong; none was taken");
  CHECK_THAT(single, Catch::Contains(R"("errors":[{"pointer":"/user")"));  // the body is no array: no index
  CHECK_THAT(post("/v1/events?atomic=yes", kGood), Catch::StartsWith("400 ") && Catch::Contains("true or false"));
  CHECK_THAT(post("/v1/events?atomic=false", kGood), Catch::StartsWith("201 "));
  CHECK(node.posted_.size() == 1);
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

TEST_CASE_METHOD(ApiFixture, "a full store answers 429, one that takes nothing 503") {
  node.failure_ = resource_exhausted("the disk budget is used up");
  const auto full = ask("POST", "/v1/events", kGood);
  CHECK(full->status == 429);
  CHECK(full->headers == HttpFields{{"Retry-After", "1"}});
  node.failure_ = unavailable("the store is read-only");
  const auto read_only = ask("POST", "/v1/events", kGood);
  CHECK(read_only->status == 503);
  CHECK(read_only->headers == HttpFields{{"Retry-After", "1"}});
}

TEST_CASE_METHOD(ApiFixture,
                 "a request that is sent again is marked, one with another body under the same key refused") {
  const auto again = ask("POST", "/v1/events", kGood, "application/json", {{"Idempotency-Key", "again"}});
  CHECK(again->status == 201);
  CHECK(again->headers == HttpFields{{"Idempotency-Replayed", "true"}});
  CHECK(ask("POST", "/v1/events", kGood, "application/json", {{"idempotency-key", "new"}})->headers.empty());
  const auto reused = ask("POST", "/v1/events", kGood, "application/json", {{"Idempotency-Key", "reused"}});
  CHECK(detail(shown(reused)) ==
        "422 the Idempotency-Key \\\"reused\\\" came with another body before; none was taken");
}

TEST_CASE_METHOD(ApiFixture, "an Idempotency-Key that is none is refused") {
  for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a\tb"), std::string("\xc3\xa4")}) {
    INFO(key);
    const auto answer = ask("POST", "/v1/events", kGood, "application/json", {{"Idempotency-Key", key}});
    CHECK(detail(shown(answer)) == "400 an Idempotency-Key has 1 to 255 printable characters");
  }
  const HttpFields twice = {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}};
  CHECK(ask("POST", "/v1/events", kGood, "application/json", twice)->status == 400);
  CHECK(node.posted_.empty());
}

TEST_CASE_METHOD(ApiFixture, "what a retry must have in common with its first request is what it asks for") {
  const auto fingerprint = [&](const std::string& target, const std::string& body, const std::string& type) {
    ask("POST", target, body, type, {{"Idempotency-Key", "k"}});
    return node.request_.fingerprint;
  };
  const std::string first = fingerprint("/v1/events", kGood, "application/json");
  CHECK(fingerprint("/ingest/deliveries", kGood, "Application/JSON") == first);
  CHECK(fingerprint("/v1/events", kGood + " ", "application/json") != first);
  CHECK(fingerprint("/v1/events", kGood, "application/jsonl") != first);
  CHECK(fingerprint("/v1/events?atomic=true", kGood, "application/json") != first);
}

}  // namespace
}  // namespace penstock
