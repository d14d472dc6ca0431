// What a node does when parts of it hang, crash or cannot start, tried on the real binary with its own fault points.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/support/notify_socket.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr int kEvents = 4000;  // as the topology says

constexpr const char* kTopology = R"(name: supervised
settings: {stall_timeout: "${STALL_TIMEOUT:-500ms}", restart_intensity: 1}
sources:
  shop: {type: synthetic, users: 200, items: 100, events: 4000}
stages:
  per_event: {type: reduce, input: shop, group_by: [event], aggregates: {events: count(*), last: max(at)}, workers: 2}
models:
  taste: {type: popularity, input: shop, user: user_id, item: item_id, time: at, holdout: 0}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";

struct Fixture {
  TemporaryFolder folder;
  std::string topology = folder.write("supervised.yaml", kTopology);

  RunningNode::Start start(const std::string& faults, const std::string& data = "data") const {
    return {.binary = PENSTOCK_BINARY,
            .topology = topology,
            .data_dir = folder / data,
            .environment = {{"PENSTOCK_FAULTS", faults}}};
  }
};

/// The view's rows, once all events are in it, in one order. Empty if that does not come about.
std::vector<std::string> counts(RunningNode& node) {
  const auto until = std::chrono::steady_clock::now() + 60s;
  std::vector<std::string> rows;
  while (std::chrono::steady_clock::now() < until && node.wait_until_ready()) {
    const std::string body = node.get("/v1/views/per_event?limit=100").body;
    rows.clear();
    int events = 0;
    const std::string counted = "\"events\":";
    for (size_t at = body.find("{\"event\""); at != std::string::npos; at = body.find("{\"event\"", at + 1)) {
      rows.push_back(body.substr(at, body.find('}', at) - at));
      events += std::atoi(rows.back().c_str() + rows.back().find(counted) + counted.size());
    }
    std::sort(rows.begin(), rows.end());
    if (events == kEvents)
      return rows;
  }
  return {};
}

TEST_CASE_METHOD(Fixture, "a worker that hangs is reported, then the process ends itself, and nothing is lost",
                 "[integration]") {
  RunningNode untouched(start("", "untouched"));
  const std::vector<std::string> expected = counts(untouched);
  REQUIRE_FALSE(expected.empty());

  RunningNode hanging(start("stage.process:delay=60s"));
  const Answer live = hanging.wait_for("/live", "stalled");
  CHECK(live.code == 503);
  CHECK(hanging.process().wait(30s) == 70);
  CHECK_THAT(hanging.process().err(), Catch::Contains("has work and has not answered for") &&
                                          Catch::Contains("giving up, to be started again") &&
                                          Catch::Contains("per_event") &&
                                          Catch::Contains("this node fails on purpose"));

  RunningNode again(start(""));
  CHECK(counts(again) == expected);
}

TEST_CASE_METHOD(Fixture, "a worker that recovers in time is well again", "[integration]") {
  RunningNode::Start slow = start("sink.write:delay=1ms,stage.process:delay=3s:@1");
  slow.environment["STALL_TIMEOUT"] = "2s";
  RunningNode node(slow);
  CHECK(node.wait_for("/v1/supervision", "stalled").code == 200);
  CHECK(node.wait_for("/live", "alive").code == 200);
  CHECK(counts(node).size() > 1);
  CHECK_THAT(node.get("/metrics").body, Catch::Contains("penstock_component_stalls_total{"));
  CHECK(node.interrupt().code == 0);
}

TEST_CASE_METHOD(Fixture, "a training is no stall, however long it takes", "[integration]") {
  RunningNode node(start("train:delay=3s"));
  CHECK(node.wait_for("/v1/models", R"("state":"live")").code == 200);
  CHECK(node.process().err().find("has not answered") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a training that took the process with it twice is not begun again by itself",
                 "[integration]") {
  for (int i = 0; i < 2; ++i) {
    RunningNode crashing(start("train:crash"));
    CHECK(crashing.process().wait(60s) == 137);
  }
  RunningNode node(start("train:crash"));
  const std::string told =
      "training crashed the process twice; start it with POST /v1/models/taste/train once the cause is mended";
  CHECK_THAT(node.wait_for("/v1/models", "crashed").body,
             Catch::Contains(R"("state":"failed")") && Catch::Contains(told));
  CHECK(counts(node).size() > 1);  // the rest goes on
  CHECK(node.interrupt().code == 0);

  RunningNode mended(start(""));
  CHECK_THAT(mended.wait_for("/v1/models", "crashed").body, Catch::Contains(R"("state":"failed")"));
  CHECK(mended.post("/v1/models/taste/train", "").code == 202);
  CHECK(mended.wait_for("/v1/models", R"("state":"live")").code == 200);
}

TEST_CASE_METHOD(Fixture, "a first training that failed of something that passes is tried again", "[integration]") {
  RunningNode node(start("train:fail:@1"));
  CHECK(node.wait_for("/v1/models", R"("state":"live")").code == 200);
  CHECK_THAT(node.process().err(), Catch::Contains("training failed: fault point train is switched on"));
}

TEST_CASE_METHOD(Fixture, "a source that keeps failing is told, and the rest serves", "[integration]") {
  RunningNode first(start(""));
  REQUIRE(first.wait_for("/v1/models", R"("state":"live")").code == 200);
  REQUIRE(first.interrupt().code == 0);

  RunningNode node(start("source.read:fail"));
  CHECK_THAT(node.wait_for("/health", "failing").body, Catch::Contains(R"("pointer":"shop")"));
  CHECK(node.wait_for("/ready", "ready").code == 200);
  CHECK(node.get("/live").code == 200);
  CHECK(node.get("/v1/users/1/recommendations").code == 200);
  CHECK_THAT(node.wait_for("/v1/supervision", R"("next_try":"2)").body,
             Catch::Contains("fault point source.read is switched on"));
}

TEST_CASE_METHOD(Fixture, "systemd is told of the start, the work and the stop", "[integration]") {
  NotifySocket systemd(folder / "notify");
  RunningNode::Start under_systemd = start("");
  under_systemd.environment["NOTIFY_SOCKET"] = systemd.path();
  under_systemd.environment["WATCHDOG_USEC"] = "400000";
  RunningNode node(under_systemd);
  REQUIRE(systemd.wait_for("READY=1"));
  CHECK(systemd.wait_for("WATCHDOG=1", 3));
  CHECK(node.wait_until_ready());
  CHECK(systemd.wait_for("STATUS=ready"));
  node.process().signal(SIGTERM);
  CHECK(systemd.wait_for("STOPPING=1"));
  CHECK(node.process().wait(10s) == 0);
}

TEST_CASE_METHOD(Fixture, "a region whose commit fails is started again, and counts each event once", "[integration]") {
  RunningNode untouched(start("", "untouched"));
  const std::vector<std::string> expected = counts(untouched);
  RunningNode node(start("region.commit:fail:@2"));
  CHECK(counts(node) == expected);
  CHECK_THAT(node.process().err(), Catch::Contains("fault point region.commit is switched on"));
}

TEST_CASE_METHOD(Fixture, "wrong faults are refused before anything begins", "[integration]") {
  const Finished wrong = run_to_end({.arguments = {PENSTOCK_BINARY, "run", topology, "--data-dir", folder / "data"},
                                     .environment = {{"PENSTOCK_FAULTS", "store.comit:fail"}}});
  CHECK(wrong.code == 65);
  CHECK_THAT(wrong.err, Catch::Contains("PENSTOCK_FAULTS") && Catch::Contains("store.comit"));
  CHECK_FALSE(std::filesystem::exists(folder / "data"));
}

}  // namespace
}  // namespace penstock::test
