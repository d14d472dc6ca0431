#include "actors/servers/api.h"

#include <catch2/catch.hpp>

#include "tests/servers/api_fixture.h"

namespace penstock {
namespace {

using test::ApiFixture;

TEST_CASE_METHOD(ApiFixture, "a recommendation says what it rests on") {
  CHECK(
      get("/v1/users/42/recommendations?n=2") ==
      R"(200 {"user":"42","items":[{"item":"i0","score":0.33333334,"strategy":"taste"},{"item":"i1","score":0.25,"strategy":"taste"}],)"
      R"("model":{"name":"taste","version":3},"newest_event":"2026-05-01T12:00:00.250Z","history":12,"fallback":false})");
}

TEST_CASE_METHOD(ApiFixture, "a batch is answered in order, for each user like a request of their own") {
  CHECK(
      post("/v1/recommendations", R"({"users":["42","stranger"],"n":1,"exclude":["x"]})") ==
      R"(200 {"answers":[{"user":"42","items":[{"item":"i0","score":0.33333334,"strategy":"taste"}],)"
      R"("model":{"name":"taste","version":3},"newest_event":"2026-05-01T12:00:00.250Z","history":12,"fallback":false},)"
      R"({"user":"stranger","items":[{"item":"i0","score":0.33333334,"strategy":"popularity"}],)"
      R"("model":{"name":"taste","version":3},"newest_event":null,"history":0,"fallback":true,)"
      R"("reason":"nothing is known of this user yet: most popular items instead"}]})");
  CHECK(node.asked_.exclude == std::vector<std::string>{"x"});
  CHECK(detail(post("/v1/recommendations", R"({"users":["42"],"model":"tase"})")) ==
        R"(404 there is no model \"tase\"; did you mean \"taste\"?)");
  CHECK_THAT(post("/v1/recommendations", "users=42", "application/x-www-form-urlencoded"), Catch::StartsWith("415 "));
  node.failure_ = failed_precondition("starting");
  CHECK(post("/v1/recommendations", R"({"users":["42"]})") == R"(200 {"answers":[{"user":"42","error":"starting"}]})");
}

TEST_CASE_METHOD(ApiFixture, "a session is asked for by its items") {
  CHECK_THAT(post("/v1/sessions/recommendations", R"({"items":["a",{"item":"b","weight":2}],"n":1,"filter":"x > 1"})"),
             Catch::StartsWith(R"(200 {"user":null,"items":[{"item":"i0")"));
  REQUIRE(node.asked_.session.size() == 2);
  CHECK(node.asked_.session[1].item == "b");
  CHECK(node.asked_.session[1].weight == 2);
  CHECK(node.asked_.filter == "x > 1");
  CHECK_THAT(post("/v1/sessions/recommendations", "{}"), Catch::StartsWith("400 ") && Catch::Contains("`items`"));
}

TEST_CASE_METHOD(ApiFixture, "a stranger gets the most popular items, and is told so") {
  CHECK(get("/v1/users/stranger/recommendations?n=1") ==
        R"(200 {"user":"stranger","items":[{"item":"i0","score":0.33333334,"strategy":"popularity"}],)"
        R"("model":{"name":"taste","version":3},"newest_event":null,"history":0,"fallback":true,)"
        R"("reason":"nothing is known of this user yet: most popular items instead"})");
}

TEST_CASE_METHOD(ApiFixture, "the query reaches the node decoded") {
  get("/v1/users/u%2F1/recommendations?exclude=a,b&exclude=c&model=taste&exclude=,d");
  CHECK(node.asked_.user == "u/1");
  CHECK(node.asked_.n == 10);
  CHECK(node.asked_.model == "taste");
  CHECK(node.asked_.exclude == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE_METHOD(ApiFixture, "wrong query parameters are all named") {
  CHECK(detail(get("/v1/users/42/recommendations?n=0")) ==
        R"(400 query parameter `n`: expected a whole number from 1 to 1000, found \"0\")");
  for (const char* n : {"1001", "-1", "x", "", "1.5", "5%20", "99999999999999999999"})
    CHECK_THAT(get(std::string("/v1/users/42/recommendations?n=") + n),
               Catch::StartsWith("400 ") && Catch::Contains("from 1 to 1000"));
  const std::string both = get("/v1/users/42/recommendations?n=0&exlude=a&n=5");
  CHECK(detail(both).ends_with("(and 2 more)"));
  CHECK_THAT(both,
             Catch::Contains(R"({"pointer":"exlude","detail":"unknown query parameter; did you mean `exclude`?"})") &&
                 Catch::Contains(R"({"pointer":"n","detail":"given more than once"})"));
  CHECK_THAT(get("/v1/users/42/recommendations?limit=1"), Catch::Contains("known are: n, exclude, filter, model"));
  CHECK_THAT(get("/health?verbose=1"), Catch::Contains("no query parameters are known here"));
}

TEST_CASE_METHOD(ApiFixture, "errors of the node become problems with its words") {
  CHECK(detail(get("/v1/users/42/recommendations?model=tase")) ==
        R"(404 there is no model \"tase\"; did you mean \"taste\"?)");
  node.failure_ = failed_precondition("model \"taste\" has no version yet");
  const auto answer = ask("GET", "/v1/users/42/recommendations");
  CHECK(answer->status == 503);
  CHECK(answer->content_type == "application/problem+json");
  CHECK_THAT(answer->body, Catch::Contains(R"("instance":"/v1/users/42/recommendations")"));
}

TEST_CASE_METHOD(ApiFixture, "similar items") {
  CHECK(
      get("/v1/items/i0/similar?n=1") ==
      R"(200 {"item":"i0","items":[{"item":"i1","score":0.25,"strategy":"taste"}],"model":{"name":"taste","version":3}})");
  CHECK_THAT(get("/v1/items/unknown/similar"), Catch::StartsWith("404 "));
}

TEST_CASE_METHOD(ApiFixture, "views are read by key, with composite keys as path segments, and as lists") {
  CHECK(get("/v1/views/failures/Ulm/7") ==
        R"(200 {"view":"failures","row":{"city":"Ulm","restaurant":7,"failures":3}})");
  CHECK(get("/v1/views/failures/Bad%20Ems%2FLahn/8") ==
        R"(200 {"view":"failures","row":{"city":"Bad Ems/Lahn","restaurant":8,"failures":1}})");
  CHECK(detail(get("/v1/views/failures/Ulm/9")) == R"(404 view \"failures\" has no row with the key Ulm/9)");
  CHECK_THAT(get("/v1/views/failures/Ulm"), Catch::StartsWith("400 ") && Catch::Contains("city, restaurant"));
  CHECK_THAT(get("/v1/views/nothing/1/2"), Catch::StartsWith("404 "));
  CHECK(get("/v1/views/failures?limit=1") ==
        R"(200 {"view":"failures","rows":[{"city":"Ulm","restaurant":7,"failures":3}]})");
  CHECK_THAT(get("/v1/views/failures?limit=0"), Catch::Contains("from 1 to 10000"));
}

TEST_CASE_METHOD(ApiFixture, "models are listed, shown and trained") {
  CHECK_THAT(get("/v1/models"), Catch::Contains(R"("name":"taste","type":"als","state":"live")") &&
                                    Catch::Contains(R"("metrics":{"ndcg@10":0.25})") && !Catch::Contains("versions"));
  CHECK_THAT(get("/v1/models/taste"), Catch::Contains(R"("versions":[{"version":3,)"));
  CHECK_THAT(get("/v1/models/taste"), Catch::Contains(R"("retrieval":null)"));
  node.status_.models[0].retrieval = {"int8", 0.25, 0.5};
  CHECK_THAT(get("/v1/models/taste"),
             Catch::Contains(R"("retrieval":{"method":"int8","scanned_share":0.25,"recall":0.5})"));
  CHECK(detail(get("/v1/models/tastes")) == R"(404 there is no model \"tastes\"; did you mean \"taste\"?)");
  const auto begun = ask("POST", "/v1/models/taste/train");
  CHECK(shown(begun) == R"(202 {"model":"taste","state":"training"})");
  CHECK(begun->headers == HttpFields{{"Location", "/v1/models/taste"}});
  CHECK(detail(post("/v1/models/busy/train")) == R"(409 model \"busy\" is being trained)");
  CHECK_THAT(post("/v1/models/none/train"), Catch::StartsWith("404 "));
}

TEST_CASE_METHOD(ApiFixture, "status, health, readiness and metrics") {
  CHECK_THAT(get("/v1/status"), Catch::Contains(R"("topology":"shop")") &&
                                    Catch::Contains(R"("uptime_seconds":200,)") &&
                                    Catch::Contains(R"("id":"deliveries","role":"source")"));
  CHECK(get("/live") == R"(200 {"status":"alive"})");
  CHECK(get("/health") == R"(200 {"status":"ok"})");
  CHECK(get("/ready") == R"(200 {"status":"ready"})");
  CHECK(ask("GET", "/metrics")->content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(get("/metrics") == "200 penstock_build_info 1\n");

  node.status_.ready = node.status_.healthy = false;
  node.status_.components[0].state = "failing";
  node.status_.components[0].message = "disk on fire";
  node.status_.models[0].live.reset();
  node.status_.models[0].state = "training";
  CHECK_THAT(get("/health"), Catch::StartsWith("503 ") &&
                                 Catch::Contains(R"({"pointer":"deliveries","detail":"failing: disk on fire"})"));
  CHECK_THAT(get("/ready"), Catch::StartsWith("503 ") && Catch::Contains(R"({"pointer":"taste","detail":"training"})"));
  CHECK(get("/live") == R"(200 {"status":"alive"})");  // a new process would not mend it

  node.status_.alive = false;
  node.status_.components[0].state = "stalled";
  CHECK_THAT(get("/live"), Catch::StartsWith("503 ") &&
                               Catch::Contains(R"({"pointer":"deliveries","detail":"stalled: disk on fire"})"));
  CHECK_THAT(get("/health"), Catch::Contains(R"("detail":"stalled: disk on fire")"));
}

TEST_CASE_METHOD(ApiFixture, "the supervision tree tells who restarts what, how often and why") {
  CHECK(get("/v1/supervision") ==
        R"(200 {"id":"node","kind":"node","strategy":"one_for_one","state":"running","since":"2026-05-01T12:00:00Z",)"
        R"("restarts":0,"reason":"","next_try":null,"busy_seconds":null,"children":[)"
        R"({"id":"deliveries","kind":"source","strategy":"one_for_one","state":"failing",)"
        R"("since":"2026-05-01T12:03:10Z","restarts":7,"reason":"cannot read \"x.csv\"",)"
        R"("next_try":"2026-05-01T12:03:25Z","busy_seconds":null,"children":[)"
        R"({"id":"reader","kind":"worker","strategy":null,"state":"failed","since":"2026-05-01T12:03:10Z",)"
        R"("restarts":0,"reason":"","next_try":null,"busy_seconds":0,"children":[]}]},)"
        R"({"id":"api","kind":"server","strategy":null,"state":"running","since":null,"restarts":0,"reason":"",)"
        R"("next_try":null,"busy_seconds":null,"children":[]}]})");
}

TEST_CASE_METHOD(ApiFixture, "unknown paths and wrong methods are told apart") {
  CHECK(detail(get("/v1/model")) == "404 there is nothing at /v1/model; did you mean /v1/models?");
  CHECK(detail(get("/wp-admin.php")) == "404 there is nothing at /wp-admin.php; GET / lists what can be asked");
  const auto wrong = ask("DELETE", "/v1/models");
  CHECK(wrong->status == 405);
  CHECK(wrong->headers == HttpFields{{"Allow", "GET, HEAD"}});
}

TEST_CASE_METHOD(ApiFixture, "every request is counted by its route, never by its path") {
  get("/v1/users/42/recommendations");
  get("/v1/users/43/recommendations?n=0");
  get("/nowhere");
  post("/v1/models/busy/train");
  std::vector<std::string> counted = monitor.events();
  std::erase_if(counted, [](const std::string& event) { return event.starts_with("requests "); });
  CHECK(counted == std::vector<std::string>{"request GET /v1/users/{id}/recommendations 200",
                                            "request GET /v1/users/{id}/recommendations 400", "request other 404",
                                            "request POST /v1/models/{name}/train 409"});
  CHECK(monitor.count("requests 1") == monitor.count("requests -1"));
  api.counted({}).on_refused(431);
  CHECK(monitor.count("request refused 431") == 1);
}

}  // namespace
}  // namespace penstock
