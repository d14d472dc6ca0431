// A short kill loop for the usual suite; scripts/kill_loop.sh runs long ones.
#include "tests/kill/kill_loop.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/kill/order.h"
#include "tests/kill/verdict.h"

namespace penstock::kill {
namespace {

TEST_CASE("a node that is killed again and again loses nothing and counts nothing twice", "[integration][kill]") {
  const LoopResult result = run_kill_loop({.binary = PENSTOCK_BINARY, .kills = 10, .seed = 7});
  INFO(summary(result));
  for (const std::string& mistake : result.mistakes)
    FAIL_CHECK(mistake);
  CHECK(result.acknowledged > 0);
  CHECK(result.stored >= result.acknowledged);
}

std::string mistakes(const Scene& scene, const Ledger& ledger, const Receiver& receiver) {
  LoopResult result;
  judge(scene, ledger, receiver, {}, result);
  std::string text;
  for (const std::string& mistake : result.mistakes)
    text += mistake + "\n";
  return text;
}

TEST_CASE("the kill loop would notice what is lost, doubled, changed or never sent", "[integration][kill]") {
  const Receiver receiver;
  const Scene scene(PENSTOCK_BINARY, receiver.url());
  Ledger ledger;
  const std::vector<int64_t> ids = ledger.issue(3);
  {
    test::RunningNode node(scene.start());
    REQUIRE(node.wait_until_ready());
    std::string body = "[";
    for (const int64_t id : ids)
      body += (id > 0 ? "," : "") + Order(id).json();
    REQUIRE(node.post("/ingest/orders", body + "]").code == 201);
    ledger.acknowledge(ids);
    LoopResult result;
    judge_running(node, scene, ledger, receiver, result);
    CHECK(result.mistakes.empty());
    CHECK(node.interrupt().code == 0);
  }
  CHECK(mistakes(scene, ledger, receiver).empty());

  Ledger knows_more;
  knows_more.acknowledge(knows_more.issue(5));
  CHECK(mistakes(scene, knows_more, receiver) == "log: 2 orders are missing, the first is 3\n");
  CHECK(mistakes(scene, Ledger(), receiver) == "log: an order that nobody sent\n");
  CHECK(mistakes(scene, ledger, Receiver()) == "receiver: it has other records than the log\n");
  std::ofstream(scene.file_sink(), std::ios::app) << Order(1).json() << "\n" << Order(7).json() << "\n";
  CHECK(mistakes(scene, ledger, receiver) ==
        "file sink: 1 orders are there twice\nfile sink: it has other orders than the log\n");
  std::ofstream(scene.file_sink()) << R"({"id":0,"user":"u1","item":"i1","amount":5})"
                                   << "\n";
  CHECK_THAT(mistakes(scene, ledger, receiver), Catch::StartsWith("file sink: order 0 was changed"));
}

}  // namespace
}  // namespace penstock::kill
