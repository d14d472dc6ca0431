// Taking records in through a real server and a running node, up to its store.
#include <catch2/catch.hpp>

#include "actors/components.h"
#include "actors/servers/api.h"
#include "actors/servers/http_server.h"
#include "actors/supervision/node_runtime.h"
#include "config/settings.h"
#include "core/fault_points.h"
#include "storage/memory_store.h"
#include "tests/support/compress.h"
#include "tests/support/http.h"
#include "tests/support/recording_monitor.h"
#include "topology/check.h"

namespace penstock {
namespace {

topology::Plan make_test_plan() {
  auto checked = topology::check(
      "name: t\n"
      "schemas: {order: {id: {type: string, required: true}, at: timestamp}}\n"
      "sources: {orders: {type: http, path: /ingest/orders, schema: order, timestamp_unit: s, max_decoded: 64KiB}}\n"
      "servers: {api: {type: http}}\n",
      "t.yaml", ".", catalogue(), settings_type(), [](const std::string&) { return std::nullopt; });
  REQUIRE(checked.topology);
  return topology::make_plan(std::move(*checked.topology));
}

struct Fixture {
  explicit Fixture(bool started = true) {
    HttpOptions options;
    options.max_body = 256 << 10;
    server = *HttpServer::listen(options, api.handler());
    if (started)
      REQUIRE(node.start().ok());
  }
  ~Fixture() {
    clear_faults();
    server.reset();
    node.stop(Duration{1'000'000});
  }
  test::Answer post(const std::string& body, const std::vector<std::string>& headers = {},
                    const std::string& target = "/ingest/orders") {
    return test::http(server->port(), "POST", target, body, std::chrono::seconds(10), headers);
  }
  uint64_t stored() const { return store.range("orders", Partition(0))->next.value(); }

  const topology::Plan plan = make_test_plan();
  MemoryStore store;
  test::RecordingMonitor monitor;
  NodeRuntime node{plan, store, Clock::system(), monitor, {}};
  Api api{node, monitor, Clock::system()};
  std::unique_ptr<HttpServer> server;
};

const std::string kOrder = R"({"id":"a","at":5})";

TEST_CASE_METHOD(Fixture, "a record is in the log when it is acknowledged") {
  const test::Answer answer = post(kOrder);
  CHECK(answer.code == 201);
  CHECK_THAT(answer.body, Catch::Contains("\"first_offset\":0"));
  CHECK(stored() == 1);
  CHECK(node.status().components[0].records == 1);
  CHECK(node.status().components[0].state == "live");
  CHECK(post("[" + kOrder + "," + kOrder + "]", {}, "/v1/events").code == 201);
  CHECK(stored() == 3);
}

TEST_CASE_METHOD(Fixture, "packed bodies come through the server, and broken ones and bombs are refused") {
  const std::string packed = test::gzip(kOrder);
  CHECK(post(packed, {"Content-Encoding: gzip"}).code == 201);
  CHECK(post(test::zstd(kOrder), {"Content-Encoding: zstd"}).code == 201);
  CHECK(post(packed.substr(0, 20), {"Content-Encoding: gzip"}).code == 400);
  CHECK(post(test::gzip(std::string(10 << 20, ' ')), {"Content-Encoding: gzip"}).code == 413);
  CHECK(post(std::string(100 << 10, ' ')).code == 413);  // more than the source takes
  CHECK(post(std::string(300 << 10, ' ')).code == 413);  // more than the server takes
  CHECK(post(kOrder, {"Content-Encoding: br"}).code == 415);
  CHECK(test::http(server->port(), "PUT", "/ingest/orders", kOrder).code == 405);
  CHECK(stored() == 2);
}

TEST_CASE_METHOD(Fixture, "a store that takes nothing is told with 429 or 503, and when to come again") {
  store.refuse_commits(resource_exhausted("the disk budget is used up"));
  const test::Answer full = post(kOrder, {"Idempotency-Key: k"});
  CHECK(full.code == 429);
  CHECK_THAT(full.head, Catch::Contains("Retry-After: "));
  store.refuse_commits(unavailable("the store is read-only"));
  const test::Answer read_only = post(kOrder, {"Idempotency-Key: k"});
  CHECK(read_only.code == 503);
  CHECK_THAT(read_only.head, Catch::Contains("Retry-After: "));
  store.refuse_commits(ok());
  CHECK(post(kOrder, {"Idempotency-Key: k"}).code == 201);
  CHECK(stored() == 1);
}

TEST_CASE_METHOD(Fixture, "a request whose answer was lost after the commit gets it when it is sent again") {
  REQUIRE(set_faults("ingest.answer:fail:@1", 1).ok());
  CHECK(post(kOrder, {"Idempotency-Key: k"}).code == 503);
  CHECK(stored() == 1);
  const test::Answer again = post(kOrder, {"Idempotency-Key: k"});
  CHECK(again.code == 201);
  CHECK_THAT(again.head, Catch::Contains("Idempotency-Replayed: true"));
  CHECK_THAT(again.body, Catch::Contains("\"first_offset\":0"));
  CHECK(stored() == 1);
  CHECK(post(R"({"id":"b"})", {"Idempotency-Key: k"}).code == 422);
}

TEST_CASE("a server that is asked before its node has started says so") {
  Fixture fixture(false);
  const test::Answer answer = fixture.post(kOrder);
  CHECK(answer.code == 503);
  CHECK_THAT(answer.body, Catch::Contains("the node is starting"));
}

}  // namespace
}  // namespace penstock
