// A feature store through the real program: what it tells over HTTP, now and as of a time, and that a kill changes nothing.
#include <catch2/catch.hpp>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

const char* const kTopology = R"(name: shop
schemas:
  event:
    user_id: {type: string, required: true}
    item_id: {type: string, required: true}
    event: string
    category: string
    score: int64
    at: {type: timestamp, required: true}
sources:
  events: {type: http, path: /ingest/events, schema: event, event_time: at}
  shown: {type: http, path: /ingest/shown, schema: event, event_time: at}
stages:
  user_features:
    type: features
    input: events
    key: [user_id]
    time: at
    features:
      views: count(*) FILTER (WHERE event = 'view')
      favourite: last(category)
      per_category: count_by(category)
      this_week: {value: count(*), within: 7d}
    ttl: 30d
    history: 20d
  seen: {type: enrich, input: shown, features: user_features, key: [user_id], time: at, select: [views], prefix: user_, history: 30d, idle_timeout: 300ms}
  enriched: {type: reduce, input: seen, group_by: [user_id, item_id], aggregates: {rows: count(*), views: max(user_views)}}
  by_score: {type: route, input: shown, routes: {low: score <= 2, mid: score = 3}}
  low: {type: reduce, input: by_score.low, aggregates: {rows: count(*)}}
  others: {type: reduce, input: by_score, aggregates: {rows: count(*)}}
models:
  taste:
    type: hybrid
    input: events
    user: user_id
    item: item_id
    user_features: {view: user_features, columns: {favourite: categorical}}
servers: {api: {type: http, listen: 127.0.0.1:0}}
sinks:
  mid: {type: file, input: by_score.mid, path: mid.jsonl}
)";

std::string event(const std::string& user, const std::string& at, const std::string& more = "") {
  return R"({"user_id":")" + user + R"(","item_id":"i1","event":"view","category":"soup","at":")" + at + "\"" + more +
         "}";
}

TEST_CASE("features are told over HTTP as of now and of a time, before and after a kill", "[integration]") {
  const TemporaryFolder folder;
  const RunningNode::Start start{PENSTOCK_BINARY, folder.write("shop.yaml", kTopology), folder / "data"};
  auto node = std::make_unique<RunningNode>(start);
  REQUIRE(node->wait_until_ready());
  const std::string events = "[" + event("u1", "2026-01-01T00:00:00Z") + "," + event("u1", "2026-01-05T00:00:00Z") +
                             "," + event("u2", "2026-01-20T12:00:00Z") + "," + event("old", "2025-12-15T00:00:00Z") +
                             "]";
  CHECK(node->post("/ingest/events", events).code == 201);
  const std::string store = "/v1/features/user_features";
  node->wait_for(store + "/u1", "\"views\":2");
  for (int life = 0; life < 2; ++life) {
    INFO("life " << life);
    CHECK(node->get(store + "/u1").body ==
          R"({"store":"user_features","key":"u1","newest_event":"2026-01-05T00:00:00Z","features":{"user_id":"u1",)"
          R"("views":2,"favourite":"soup","per_category":{"soup":2},"this_week":0}})");
    CHECK(node->get(store + "/u1?at=2026-01-05T00:00:00Z&select=views,this_week").body ==
          R"({"store":"user_features","key":"u1","at":"2026-01-05T00:00:00Z","newest_event":"2026-01-05T00:00:00Z",)"
          R"("features":{"views":2,"this_week":2}})");
    CHECK_THAT(node->get(store + "/u1?at=2026-01-04").body, Catch::Contains("\"views\":1"));
    const Answer many = node->get(store + "?keys=u2,nobody,u1&select=views");
    CHECK(
        many.body ==
        R"({"store":"user_features","rows":[{"key":"u2","newest_event":"2026-01-20T12:00:00Z","features":{"views":1}},)"
        R"({"key":"nobody","missing":"\"user_features\" has no events of nobody"},)"
        R"({"key":"u1","newest_event":"2026-01-05T00:00:00Z","features":{"views":2}}]})");
    CHECK(node->get(store + "/u1?at=2025-12-31").code == 404);
    CHECK(node->get(store + "/nobody").code == 404);
    const Answer expired = node->get(store + "/old");
    CHECK(expired.code == 410);
    CHECK_THAT(expired.body, Catch::Contains("have expired: its newest event was at 2025-12-15T00:00:00Z"));
    CHECK(node->get(store + "/old?at=2025-12-01").code == 410);
    CHECK(node->get("/v1/features/user_feature/u1").code == 404);
    CHECK_THAT(node->get("/v1/features/user_feature/u1").body, Catch::Contains("did you mean"));
    CHECK_THAT(node->get(store + "/u1?at=yesterday").body, Catch::Contains("is no time"));
    CHECK_THAT(node->get(store + "/u1?select=view").body, Catch::Contains("did you mean views?"));
    CHECK(node->get(store).code == 400);
    CHECK(node->get(store + "/u1/u2").code == 400);
    CHECK_THAT(node->get("/v1/views/user_features/u2").body, Catch::Contains("\"this_week\":1"));
    if (life == 1)
      break;
    node->kill();
    node = std::make_unique<RunningNode>(start);
    REQUIRE(node->wait_until_ready());
    node->wait_for(store + "/u1", "\"views\":2");
  }

  // Rows of another stream see what was before them; and are parted by their score.
  CHECK(node->post("/ingest/shown", "[" + event("u1", "2026-01-05T00:00:00Z", R"(,"score":1)") + "," +
                                        event("u2", "2026-01-20T13:00:00Z", R"(,"score":3)") + "," +
                                        event("nobody", "2026-01-20T13:00:00Z", R"(,"score":5)") + "]")
            .code == 201);
  node->wait_for("/v1/views/enriched/u2/i1", "\"views\":1");
  CHECK_THAT(node->get("/v1/views/enriched/u1/i1").body, Catch::Contains("\"views\":1"));
  CHECK_THAT(node->wait_for("/v1/views/enriched/nobody/i1", "\"rows\":1").body, Catch::Contains("\"views\":0"));
  CHECK_THAT(node->get("/v1/views/low").body, Catch::Contains("\"rows\":1"));
  CHECK_THAT(node->get("/v1/views/others").body, Catch::Contains("\"rows\":1"));
  CHECK(node->interrupt().code == 0);
}

}  // namespace
}  // namespace penstock::test
