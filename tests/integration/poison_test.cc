// Records that make their consumer fail: found, set aside, and everything else handled as if they had not been there. The
// real program with one more stage and sink, which crash on certain rows.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr int kRows = 2'000;

struct Shop {
  TemporaryFolder folder;
  std::string topology;

  explicit Shop(const std::string& rest) {
    std::string rows;
    for (int i = 0; i < kRows; ++i)
      rows += R"({"id":)" + std::to_string(i) + R"(,"item":"i)" + std::to_string(i % 7) + "\"}\n";
    folder.write("rows.jsonl", rows);
    topology = folder.write("topology.yaml", R"(
name: poisoned
schemas:
  row: {id: {type: int64, required: true}, item: string}
sources:
  rows: {type: file, path: rows.jsonl, schema: row, partitions: 2}
)" + rest + R"(
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)");
  }

  RunningNode::Start start() const {
    return {.binary = PENSTOCK_CRASH_BINARY, .topology = topology, .data_dir = folder / "data"};
  }

  /// Runs, as a service manager would, until `GET target` has `text`. Gives how often the process died.
  int run_until(const std::string& target, const std::string& text, std::string& answer) const {
    for (int deaths = 0; deaths < 60; ++deaths) {
      RunningNode node(start());
      for (int i = 0; i < 600 && node.process().running(); ++i) {
        if (node.port() != 0)
          answer = node.get(target).body;
        if (answer.find(text) != std::string::npos) {
          answer += node.get("/v1/dead-letters?limit=100").body;
          CHECK(node.interrupt().code == 0);
          return deaths;
        }
        (void)node.process().wait(50ms);
      }
      INFO(node.process().err());
      REQUIRE_FALSE(node.process().running());
    }
    FAIL("it did not come to " << text << "; last: " << answer);
    return 0;
  }
};

std::string reduce_behind(const std::string& how, const std::string& on) {
  return R"(
stages:
  careful: {type: crash, input: rows, how: )" +
         how + ", on: '" + on + R"('}
  total: {type: reduce, input: careful, group_by: [item], aggregates: {n: count(*), ids: sum(id)}}
)";
}

// Sums of ids over all items, as the view shows them.
int64_t sum_of(const std::string& answer, const std::string& member) {
  int64_t sum = 0;
  for (size_t at = answer.find("\"" + member + "\":"); at != std::string::npos;
       at = answer.find("\"" + member + "\":", at + 1))
    sum += std::stoll(answer.substr(at + member.size() + 3));
  return sum;
}

constexpr int64_t kSum = int64_t{kRows} * (kRows - 1) / 2;

TEST_CASE("a record that makes a stage throw is set aside while the node runs", "[integration]") {
  const Shop shop(reduce_behind("throw", "id IN (777, 1500)"));
  RunningNode node(shop.start());
  REQUIRE(node.wait_until_ready());
  std::string answer;
  for (int i = 0; i < 600 && sum_of(answer, "n") != kRows - 2; ++i) {
    answer = node.get("/v1/views/total?limit=100").body;
    (void)node.process().wait(50ms);
  }
  CHECK(sum_of(answer, "n") == kRows - 2);
  CHECK(sum_of(answer, "ids") == kSum - 777 - 1500);
  const std::string letters = node.get("/v1/dead-letters?limit=100").body;
  CHECK_THAT(letters, Catch::Contains("\\\"id\\\":777") && Catch::Contains("\\\"id\\\":1500"));
  CHECK_THAT(letters, Catch::Contains("a bug in the code") && Catch::Contains("careful"));
  CHECK_THAT(node.get("/health").body, Catch::Contains("ok"));
}

TEST_CASE("a record that kills the process is set aside after a number of deaths", "[integration]") {
  const Shop shop(reduce_behind("kill", "id = 1234"));
  std::string answer;
  const int deaths = shop.run_until("/v1/dead-letters?limit=100", "\\\"id\\\":1234", answer);
  CHECK(deaths > 2);
  CHECK(deaths <= 2 + 16 + 2);
  CHECK_THAT(answer, Catch::Contains("the process ended"));
  RunningNode node(shop.start());
  REQUIRE(node.wait_until_ready());
  std::string rows;
  for (int i = 0; i < 600 && sum_of(rows, "n") != kRows - 1; ++i) {
    rows = node.get("/v1/views/total?limit=100").body;
    (void)node.process().wait(50ms);
  }
  CHECK(sum_of(rows, "n") == kRows - 1);
  CHECK(sum_of(rows, "ids") == kSum - 1234);
}

TEST_CASE("a record that a sink's receiver refuses for good is set aside, and nothing else", "[integration]") {
  const Shop shop("\nsinks:\n  out: {type: crash, input: rows, how: refuse, on: 'id % 500 = 499'}\n");
  RunningNode node(shop.start());
  std::string answer;
  for (int i = 0; i < 600 && answer.find("\\\"id\\\":1999") == std::string::npos; ++i) {
    if (node.port() != 0)
      answer = node.get("/v1/dead-letters?limit=100").body;
    (void)node.process().wait(50ms);
  }
  for (const char* id : {"499", "999", "1499", "1999"})
    CHECK_THAT(answer, Catch::Contains("\\\"id\\\":" + std::string(id) + ","));
  CHECK_THAT(answer, !Catch::Contains("\\\"id\\\":500,"));
  CHECK_THAT(answer, Catch::Contains("not these"));
}

TEST_CASE("when every record fails, few are set aside and the region waits for better times", "[integration]") {
  const Shop shop(reduce_behind("fail", "id >= 0"));
  RunningNode node(shop.start());
  std::string health;
  for (int i = 0; i < 600 && health.find("failing") == std::string::npos; ++i) {
    if (node.port() != 0)
      health = node.get("/v1/status").body;
    (void)node.process().wait(50ms);
  }
  CHECK_THAT(health, Catch::Contains("failing") && Catch::Contains("a bug that was noticed"));
  const std::string letters = node.get("/v1/dead-letters?limit=100").body;
  CHECK(std::count(letters.begin(), letters.end(), '\\') < 8 * 10);
}

}  // namespace
}  // namespace penstock::test
