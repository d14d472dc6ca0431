// Views recomputed and reconciled on the real binary: over HTTP, from the command line, and through deaths of the process.
#include <catch2/catch.hpp>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopology = R"(name: recomputed
sources:
  shop: {type: synthetic, users: 3000, items: 500, events: 60000}
stages:
  bought: {type: filter, input: shop, where: "event <> '${LEFT_OUT:-view}'"}
  per_user: {type: reduce, input: bought, group_by: [user_id], aggregates: {n: count(*), last: max(at), kinds: count(distinct item_id)}, workers: 2}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";

struct Fixture {
  TemporaryFolder folder;
  std::string topology = folder.write("recomputed.yaml", kTopology);

  RunningNode::Start start(const std::string& faults, const std::string& left_out = "view") const {
    return {.binary = PENSTOCK_BINARY,
            .topology = topology,
            .data_dir = folder / "data",
            .environment = {{"PENSTOCK_FAULTS", faults}, {"LEFT_OUT", left_out}}};
  }
  static Finished ask(RunningNode& node, const std::string& verb, const std::string& view) {
    return run_to_end({{PENSTOCK_BINARY, verb, view, "--url", "http://127.0.0.1:" + std::to_string(node.port())}});
  }
  static void wait_for_all(RunningNode& node) {
    REQUIRE(node.wait_until_ready());
    REQUIRE_THAT(node.wait_for("/v1/status", "\"state\":\"finished\"").body, Catch::Contains("finished"));
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a view agrees with history, and is made anew when its definition changes", "[integration]") {
  {
    RunningNode node(start(""));
    wait_for_all(node);
    const Finished agrees = ask(node, "reconcile", "per_user");
    CHECK(agrees.code == 0);
    CHECK_THAT(agrees.out, Catch::StartsWith("the view per_user agrees with history: "));
    CHECK_THAT(node.get("/v1/batch-runs/per_user-1").body, Catch::Contains("\"state\":\"done\""));
    const Finished unknown = ask(node, "reconcile", "per_users");
    CHECK(unknown.code == 66);
    CHECK(unknown.err == "penstock: there is no view \"per_users\"; did you mean \"per_user\"?\n");
  }
  RunningNode node(start("", "purchase"));
  REQUIRE(node.wait_until_ready());
  const Finished differs = ask(node, "reconcile", "per_user");
  CHECK(differs.code == 1);
  CHECK_THAT(differs.out,
             Catch::Contains("does not agree with history in") && Catch::Contains("penstock recompute per_user"));
  const Finished landed = ask(node, "recompute", "per_user");
  CHECK(landed.code == 0);
  CHECK_THAT(landed.out, Catch::StartsWith("the view per_user has version 3: "));
  CHECK(ask(node, "reconcile", "per_user").code == 0);
}

TEST_CASE_METHOD(Fixture, "a run goes on after the process was killed, wherever that was", "[integration]") {
  uint64_t run = 0;
  for (const char* fault :
       {"batch.map:crash:@1", "batch.reduce:crash:@2", "batch.land:crash:@1", "batch.land:crash:@2"}) {
    INFO(fault);
    {
      RunningNode node(start(fault));
      wait_for_all(node);
      CHECK(node.post("/v1/views/per_user/recompute", "").code == 202);
      CHECK(node.process().wait(30s) == 128 + 9);
    }
    ++run;
    RunningNode node(start(""));
    REQUIRE(node.wait_until_ready());
    const Answer done = node.wait_for("/v1/batch-runs/per_user-" + std::to_string(run), "\"state\":\"done\"");
    CHECK_THAT(done.body, Catch::Contains("\"version\":" + std::to_string(run)));
    CHECK(ask(node, "reconcile", "per_user").code == 0);
    ++run;
  }
}

}  // namespace penstock::test
