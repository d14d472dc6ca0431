// Orders over HTTP into the real program, which is killed again and again while clients send: what was acknowledged is
// stored, once.
#include <rapidjson/document.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "core/random.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr int kClients = 4;
constexpr int kKills = 10;

struct Totals {
  int64_t orders = 0;
  double revenue = 0;
  bool operator==(const Totals&) const = default;
};

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.c_str());
  return document;
}

/// What all clients together know of what was acknowledged. No checks of the test library here: it knows one thread only.
class Ledger {
 public:
  void acknowledge(const std::string& shop, const std::vector<int64_t>& amounts, const std::string& answer,
                   bool keyed) {
    const auto document = parsed(answer);
    const std::lock_guard lock(mutex_);
    if (document.HasParseError()) {
      ++wrong_;
      return;
    }
    for (const int64_t amount : amounts) {
      ++totals_[shop].orders;
      totals_[shop].revenue += static_cast<double>(amount);
    }
    for (const auto& place : document["places"].GetArray())
      for (uint64_t i = 0; i < place["events"].GetUint64(); ++i)
        doubled_ += !offsets_.emplace(place["partition"].GetUint(), place["first_offset"].GetUint64() + i).second;
    wrong_ += keyed && document["accepted"].GetUint64() != amounts.size();
  }
  std::map<std::string, Totals> totals() const {
    const std::lock_guard lock(mutex_);
    return totals_;
  }
  int doubled() const { return doubled_; }
  int wrong() const { return wrong_; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Totals> totals_;
  std::set<std::pair<unsigned, uint64_t>> offsets_;  // that answers told
  int doubled_ = 0;                                  // offsets told twice
  int wrong_ = 0;                                    // answers that are none, or to a key not those of the first time
};

/// Sends batches of orders, each until it is acknowledged; every other one under an Idempotency-Key, the rest relies on
/// the orders' ids.
void send_orders(uint16_t port, int client, const std::atomic<bool>& enough, Ledger& ledger,
                 std::atomic<int>& retries) {
  for (int64_t batch = 0; !enough; ++batch) {
    const std::string shop = "shop" + std::to_string(batch % 3);
    const bool keyed = batch % 2 == 0;
    std::string body = "[";
    std::vector<int64_t> amounts;
    for (int64_t i = 0; i < 3; ++i) {
      amounts.push_back((batch * 3 + i) * kClients + client);  // every order's own
      body += (i == 0 ? "" : ",") + std::string(R"({"order_id":"c)") + std::to_string(amounts.back()) +
              R"(","shop":")" + shop + R"(","amount":)" + std::to_string(amounts.back()) +
              R"(,"at":"2026-01-01T00:00:00Z"})";
    }
    body += "]";
    std::vector<std::string> headers;
    if (keyed)
      headers.push_back("Idempotency-Key: " + std::to_string(client) + "/" + std::to_string(batch));
    for (Answer answer;; ++retries) {
      answer = http(port, "POST", "/ingest/orders", body, 5s, headers);
      if (answer.code == 200 || answer.code == 201) {
        ledger.acknowledge(shop, amounts, answer.body, keyed);
        break;
      }
      std::this_thread::sleep_for(5ms);
    }
  }
}

std::map<std::string, Totals> view(RunningNode& node) {
  std::map<std::string, Totals> totals;
  const Answer answer = node.get("/v1/views/sales?limit=100");
  INFO(answer.code << " " << answer.body);
  REQUIRE(answer.code == 200);
  const auto rows = parsed(answer.body);
  for (const auto& row : rows["rows"].GetArray())
    totals[row["shop"].GetString()] = {row["orders"].GetInt64(), row["revenue"].GetDouble()};
  return totals;
}

TEST_CASE("killed while clients send orders, the node has each acknowledged order once", "[integration]") {
  const TemporaryFolder folder;
  const uint16_t port = free_port();
  const RunningNode::Start start{.binary = PENSTOCK_BINARY,
                                 .topology = PENSTOCK_SOURCE_DIR "/config/topologies/http.yaml",
                                 .data_dir = folder / "data",
                                 .environment = {{"PORT", std::to_string(port)}}};
  Ledger ledger;
  std::atomic<bool> enough = false;
  std::atomic<int> retries = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client)
    clients.emplace_back([&, client] { send_orders(port, client, enough, ledger, retries); });
  Random random(20'260'102);
  for (int kill = 0; kill < kKills; ++kill) {
    RunningNode node(start);
    (void)node.process().wait_for_output("listening on", 20s);
    (void)node.process().wait(std::chrono::milliseconds(50 + random.below(250)));
    node.kill();
  }
  RunningNode node(start);
  REQUIRE(node.wait_until_ready());
  enough = true;
  for (std::thread& client : clients)
    client.join();

  CHECK(retries >= kKills);  // else the test shows nothing
  CHECK(ledger.doubled() == 0);
  CHECK(ledger.wrong() == 0);
  const auto expected = ledger.totals();
  REQUIRE(expected.size() == 3);
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (view(node) != expected && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(50ms);
  const auto found = view(node);
  for (const auto& [shop, totals] : expected) {
    INFO(shop);
    CHECK(found.at(shop).orders == totals.orders);
    CHECK(found.at(shop).revenue == totals.revenue);
  }
  CHECK(node.interrupt().code == 0);
}

TEST_CASE("a request is answered the same again after the process was killed", "[integration]") {
  const TemporaryFolder folder;
  const RunningNode::Start start{.binary = PENSTOCK_BINARY,
                                 .topology = PENSTOCK_SOURCE_DIR "/config/topologies/http.yaml",
                                 .data_dir = folder / "data",
                                 .environment = {{"PORT", "0"}}};
  const std::string order = R"([{"order_id":"a","shop":"s","amount":1,"at":5},{"order_id":"b"}])";
  const auto post = [&](RunningNode& node, const std::string& key) {
    REQUIRE(node.wait_until_ready());
    return http(node.port(), "POST", "/ingest/orders", order, 10s, {"Idempotency-Key: " + key});
  };
  RunningNode first(start);
  const Answer before = post(first, "k");
  first.kill();
  RunningNode second(start);
  const Answer after = post(second, "k");
  CHECK(before.code == 200);
  CHECK_THAT(before.body, Catch::Contains("\"accepted\":1,\"rejected\":1"));
  CHECK(after.code == before.code);
  CHECK(after.body == before.body);
  CHECK_THAT(after.head, Catch::Contains("Idempotency-Replayed: true"));
  CHECK_THAT(post(second, "other").body, Catch::Contains("\"accepted\":0,\"rejected\":1,\"duplicates\":1"));
  CHECK(second.interrupt().code == 0);
}

}  // namespace
}  // namespace penstock::test
