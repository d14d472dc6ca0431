// Records that are wrong, from the client that sent them to the repair: the real binary, its command line, and a kill.
#include <catch2/catch.hpp>

#include "tests/support/process.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

const char* const kShop = R"(name: shop
schemas: {event: {user: {type: int64, required: true}, status: string, minutes: float64}}
sources:
  raw: {type: http, path: /ingest/raw, schema: event, key: user, partitions: 2}
stages:
  clean:
    type: validate
    input: raw
    columns: {status: {one_of: [NEW, PAID]}}
    rules: [{check: minutes >= 0, message: minutes must not be negative}]
  per_user: {type: reduce, input: clean, group_by: [user], aggregates: {n: count(*)}}
servers: {api: {type: http, listen: 127.0.0.1:0}}
)";

struct Shop {
  TemporaryFolder folder;
  std::string topology = folder.write("shop.yaml", kShop);
  std::string data = folder.path() + "/data";
  std::unique_ptr<RunningNode> node;

  Shop() { start(); }
  void start() {
    node = std::make_unique<RunningNode>(RunningNode::Start{PENSTOCK_BINARY, topology, data});
    INFO(node->process().err());
    REQUIRE(node->wait_until_ready());
  }
  Finished letters(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {PENSTOCK_BINARY, "dead-letters"});
    arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:" + std::to_string(node->port())});
    return run_to_end({.arguments = std::move(arguments)});
  }
};

TEST_CASE_METHOD(Shop, "wrong records are listed, shown, repaired, replayed once and purged", "[integration]") {
  const Answer taken = node->post("/ingest/raw", R"([{"user":1,"status":"NEW","minutes":1},{"user":"x","status":"NEW"},
    {"user":2,"status":"LOST","minutes":-3}])");
  INFO(taken.body);
  CHECK(taken.code / 100 == 2);
  node->wait_for("/v1/dead-letters?stage=clean", "\"number\"");

  const Finished summary = letters({"list", "--summary"});
  CHECK_THAT(summary.out, Catch::Contains("raw") && Catch::Contains("user: expected int64") &&
                              Catch::Contains("status: expected one of NEW, PAID") &&
                              Catch::Contains("minutes must not be negative"));
  const Finished shown = letters({"show", "1"});
  INFO(shown.out << shown.err);
  CHECK_THAT(shown.out,
             Catch::Contains("by clean of shop; it came from the log raw, partition") &&
                 Catch::Contains("  status: expected one of NEW, PAID, found \"LOST\"\n"
                                 "  minutes must not be negative: expected minutes >= 0, found minutes = -3\n") &&
                 Catch::Contains(R"(record:   {"user":2,"status":"LOST","minutes":-3})") &&
                 Catch::Contains("a replay goes to the log raw: user int64!, status string, minutes float64"));

  const std::string repaired = folder.write("repaired.jsonl", R"({"number":0,"record":{"user":7,"status":"NEW"}}
{"number":1,"record":{"user":2,"status":"PAID","minutes":3}}
)");
  const Finished replayed = letters({"replay", "--repaired", repaired});
  INFO(replayed.out << replayed.err);
  CHECK(replayed.code == 0);
  CHECK(replayed.out == "replayed 2 letters\n");
  node->kill();  // what was answered is durable, with its marks
  start();

  const std::string rows = node->wait_for("/v1/views/per_user", R"({"user":2,"n":1})").body;
  CHECK_THAT(rows, Catch::Contains(R"({"user":7,"n":1})") && Catch::Contains(R"({"user":1,"n":1})"));
  const Finished again = letters({"replay", "--repaired", repaired});
  CHECK(again.code == 65);
  CHECK_THAT(again.out, Catch::Contains("replayed 0 letters\nnot letter 0: it was replayed before, into the log raw"));

  CHECK(letters({"purge", "--replayed"}).out == "purged 2 letters\n");
  CHECK(letters({"list"}).out == "no dead letters\n");
  CHECK(letters({"purge"}).code == 64);
  CHECK(node->interrupt().code == 0);
  const Finished stopped = run_to_end({.arguments = {PENSTOCK_BINARY, "dead-letters", "list", "--data-dir", data}});
  CHECK(stopped.out == "no dead letters\n");
}

TEST_CASE("a reader of a buffer that comes after its time is told what it has lost", "[integration]") {
  const TemporaryFolder folder;
  const std::string before =
      "name: late\nschemas: {event: {user: int64}}\nsources: {raw: {type: http, path: /ingest/raw, schema: event}}\n"
      "stages:\n  waiting: {type: buffer, input: raw, retain_for: 1s}\n";
  const std::string reader =
      "  per_user: {type: reduce, input: waiting, group_by: [user], aggregates: {n: count(*)}}\n";
  const std::string servers = "servers: {api: {type: http, listen: 127.0.0.1:0}}\n";
  const std::string with = folder.write("with.yaml", before + reader + servers);
  const std::string without = folder.write("without.yaml", before + servers);
  const std::string data = folder.path() + "/data";
  {
    RunningNode node({PENSTOCK_BINARY, with, data});
    REQUIRE(node.wait_until_ready());
    node.post("/ingest/raw", R"({"user":1})");
    CHECK_THAT(node.wait_for("/v1/views/per_user", R"("n":1)").body, Catch::Contains(R"({"user":1,"n":1})"));
    CHECK(node.interrupt().code == 0);
  }
  {
    RunningNode node({PENSTOCK_BINARY, without, data});
    REQUIRE(node.wait_until_ready());
    node.post("/ingest/raw", R"([{"user":2},{"user":3}])");
    node.wait_for("/v1/logs",
                  R"("name":"waiting","retain_for_seconds":1,"retain_bytes":null,"partitions":[{"first_offset":3)");
    CHECK(node.interrupt().code == 0);
  }
  RunningNode node({PENSTOCK_BINARY, with, data});
  REQUIRE(node.wait_until_ready());
  CHECK(node.process().wait_for_output("retention had dropped 2 records of log \"waiting\"", std::chrono::seconds(10)));
  node.post("/ingest/raw", R"({"user":4})");
  node.wait_for("/v1/views/per_user", R"({"user":4,"n":1})");
  CHECK_THAT(node.get("/metrics").body,
             Catch::Contains("penstock_component_lost_events_total") && Catch::Contains("log=\"waiting\"} 2"));
  CHECK(node.interrupt().code == 0);
}

}  // namespace
}  // namespace penstock::test
