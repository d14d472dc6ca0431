// Topics into the real program: what stock tools put, where it begins, what is wrong, what is taken back, what does not fit at the
// moment, and a million records.
#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "tests/kafka/order_node.h"
#include "tests/kafka/orders.h"
#include "tests/support/kafka_broker.h"
#include "tests/support/kafka_client.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

/// A node on a topic of three partitions.
struct Scene {
  const std::string broker = KafkaBroker::shared().address();
  OrderNodes nodes;
  std::unique_ptr<RunningNode> node;

  static OrderTopology on(OrderTopology topology, bool create = true) {
    topology.broker = KafkaBroker::shared().address();
    if (create)
      create_topic(topology.broker, topology.topic, 3);
    return topology;
  }
  explicit Scene(const OrderTopology& topology, bool create = true) : nodes(PENSTOCK_BINARY, on(topology, create)) {}

  void start(const std::map<std::string, std::string>& environment = {}) {
    node = nodes.start("node", environment);
    const bool ready = node->wait_until_ready();
    INFO(node->process().out() << node->process().err());
    REQUIRE(ready);
  }
  void wait_for(int64_t count) {
    const int64_t found = wait_until_counted({node.get()}, count);
    INFO(node->process().out() << node->process().err());
    REQUIRE(found == count);
  }
  void stop() {
    const RunningNode::Stopped stopped = node->interrupt();
    INFO(node->process().err());
    CHECK(stopped.code == 0);
    node.reset();
  }
  std::string log() const { return nodes.exported("node", "orders").out; }
  /// Empty if the stopped node has stored these orders, each once.
  std::string lacks(const std::vector<int64_t>& expected) const {
    std::string problem;
    const std::string differs = difference(expected, nodes.stored("node", problem));
    return problem.empty() ? differs : problem;
  }
};

std::string lines(int64_t from, int64_t to) {
  std::string out;
  for (const int64_t id : ids(from, to))
    out += order_json(id) + "\n";
  return out;
}

TEST_CASE("what the stock console producer and kcat put is stored, with key, headers and place",
          "[integration][kafka]") {
  Scene scene(
      {.topic = "stock",
       .source = "columns: {k: key, source: header.source, topic: topic, partition: partition, place: offset, sent: "
                 "timestamp}",
       .schema = ", k: string, source: string, topic: string, partition: int64, place: int64, sent: timestamp"});
  scene.start();
  const KafkaBroker& broker = KafkaBroker::shared();
  const Finished produced = broker.tool({"produce", "stock"}, lines(0, 50));
  INFO(produced.err);
  REQUIRE(produced.code == 0);
  REQUIRE(kcat(broker, {"-P", "-t", "stock", "-p", "2", "-k", "customer", "-H", "source=kcat"}, lines(50, 100)).code ==
          0);
  TopicWriter writer(scene.broker);
  writer.put("stock", {.key = "mine", .value = order_json(100), .partition = 1, .timestamp_ms = 1'700'000'000'000});
  writer.flush();

  scene.wait_for(101);
  scene.stop();
  CHECK(scene.lacks(ids(0, 101)).empty());
  const int64_t place = end_offset(scene.broker, "stock", 1) - 1;
  CHECK_THAT(scene.log(),
             Catch::Contains(
                 R"("user":"u47","amount":50,"k":"customer","source":"kcat","topic":"stock","partition":2,"place":)") &&
                 Catch::Contains(R"("amount":3,"k":"mine","source":null,"topic":"stock","partition":1,"place":)" +
                                 std::to_string(place) + R"(,"sent":"2023-11-14T22:13:20Z")"));
}

TEST_CASE("a source begins at the earliest record, the latest, or a time", "[integration][kafka]") {
  const auto [start, expected] = GENERATE(table<std::string, std::vector<int64_t>>({
      {"earliest", ids(0, 40)},
      {"latest", ids(30, 40)},
      {"2024-01-01T00:00:10Z", ids(10, 40)},
  }));
  Scene scene({.topic = "start-" + std::to_string(start.size()), .source = "start: " + start});
  const std::string topic = "start-" + std::to_string(start.size());
  const int64_t new_year = 1'704'067'200'000;
  TopicWriter writer(scene.broker);
  for (const int64_t id : ids(0, 30))
    writer.put(
        topic,
        {.value = order_json(id), .partition = static_cast<int32_t>(id % 3), .timestamp_ms = new_year + id * 1000});
  writer.flush();
  scene.start();
  // The group has begun when it has committed its places, or read something.
  scene.wait_for(static_cast<int64_t>(expected.size()) - 10);
  if (start == "latest")
    REQUIRE(scene.node->wait_for("/metrics", "penstock_kafka").code == 200);
  std::this_thread::sleep_for(3s);
  for (const int64_t id : ids(30, 40))
    writer.put(topic, {.value = order_json(id), .partition = static_cast<int32_t>(id % 3)});
  writer.flush();
  scene.wait_for(static_cast<int64_t>(expected.size()));
  scene.stop();
  CHECK(scene.lacks(expected).empty());

  // The group knows by now; what comes while nobody reads is not passed over.
  put_orders(scene.broker, topic, {50, 51, 52});
  scene.start();
  scene.wait_for(static_cast<int64_t>(expected.size()) + 3);
}

TEST_CASE("poison messages become dead letters that name topic, partition and offset", "[integration][kafka]") {
  Scene scene({.topic = "poison"});
  TopicWriter writer(scene.broker);
  for (const int64_t id : ids(0, 20))
    writer.put("poison", {.value = order_json(id), .partition = 1});
  writer.put("poison", {.value = "{\"id\": 7, ", .partition = 1});
  writer.put("poison", {.value = "\xff\xfe", .partition = 2});
  writer.put("poison", {.key = "gone", .value = std::nullopt, .partition = 2});
  writer.put("poison", {.value = R"({"id":"seven","user":"u","amount":1})", .partition = 0});
  for (const int64_t id : ids(20, 40))
    writer.put("poison", {.value = order_json(id), .partition = 1});
  writer.flush();
  scene.start();
  scene.wait_for(40);
  const std::string letters = scene.node->wait_for("/v1/dead-letters?stage=orders", "seven").body;
  INFO(letters);
  for (const char* place :
       {"partition 0, offset 0", "partition 1, offset 20", "partition 2, offset 0", "partition 2, offset 1"})
    CHECK_THAT(letters, Catch::Contains("topic poison, " + std::string(place) + ":"));
  scene.node->kill();
  scene.start();
  scene.wait_for(40);
  CHECK(scene.node->wait_for("/v1/dead-letters?stage=orders", "seven").body == letters);
}

TEST_CASE("what another producer takes back is never seen, and what it leaves open is awaited",
          "[integration][kafka]") {
  Scene scene({.topic = "aborted"});
  TopicWriter writer(scene.broker, "aborting");
  const auto put = [&](int64_t from, int64_t to) {
    writer.begin();
    for (const int64_t id : ids(from, to))
      writer.put("aborted", order_record(id));
    writer.flush();
  };
  put(0, 500);
  writer.abort();
  put(500, 1000);
  writer.commit();
  scene.start();
  scene.wait_for(500);
  put(1000, 1500);
  put_orders(scene.broker, "aborted", ids(2000, 2100));  // behind the open transaction
  std::this_thread::sleep_for(500ms);
  CHECK(counted(*scene.node) < 600);
  writer.abort();
  scene.wait_for(600);
  scene.stop();
  std::vector<int64_t> expected = ids(500, 1000);
  for (const int64_t id : ids(2000, 2100))
    expected.push_back(id);
  CHECK(scene.lacks(expected).empty());
}

TEST_CASE("a topic that is missing, and a broker that is away, are waited for", "[integration][kafka]") {
  Scene scene({.topic = "later"}, false);
  scene.start();
  const Answer retrying = scene.node->wait_for("/v1/status", "retrying");
  CHECK_THAT(retrying.body, Catch::Contains("later"));
  CHECK(scene.node->wait_for("/live", "").code == 200);
  create_topic(scene.broker, "later", 2);
  put_orders(scene.broker, "later", ids(0, 100));
  scene.wait_for(100);
  KafkaBroker::shared().kill();
  scene.stop();
  scene.start();
  scene.node->wait_for("/v1/status", "retrying");
  KafkaBroker::shared().start();
  put_orders(scene.broker, "later", ids(100, 200));
  scene.wait_for(200);
  scene.stop();
  CHECK(scene.lacks(ids(0, 200)).empty());
}

TEST_CASE("a full log holds the topic back until retention has made room", "[integration][kafka]") {
  Scene scene({.topic = "full", .source = "max_bytes: 8KiB\n    retain_for: 2s"});
  put_orders(scene.broker, "full", ids(0, 60'000));
  scene.start();
  const Answer paused = scene.node->wait_for("/v1/status", "paused");
  CHECK_THAT(paused.body, Catch::Contains("paused"));
  CHECK(counted(*scene.node) < 60'000);
  scene.wait_for(60'000);  // the view has seen each, though the log holds only the last
  const std::string users = scene.node->get("/v1/views/total").body;
  CHECK_THAT(users, Catch::Contains("\"ids\":" + std::to_string(60'000LL * 59'999 / 2)));
}

TEST_CASE("a million records go from a topic into a view, over a kill of the node", "[integration][kafka]") {
  constexpr int64_t kMillion = 1'000'000;
  Scene scene({.topic = "million"});
  TopicWriter writer(scene.broker, {},
                     {{"compression.codec", "lz4"}, {"linger.ms", "50"}, {"batch.num.messages", "50000"}});
  for (int64_t id = 0; id < kMillion; ++id)
    writer.put("million", order_record(id));
  writer.flush();
  scene.start();
  (void)wait_until_counted({scene.node.get()}, 100'000);
  scene.node->kill();
  scene.start();
  const int64_t found = wait_until_counted({scene.node.get()}, kMillion, 120s);
  CHECK(found == kMillion);
  CHECK_THAT(scene.node->get("/v1/views/total").body,
             Catch::Contains("\"ids\":" + std::to_string(kMillion * (kMillion - 1) / 2)));
  std::vector<int64_t> per_user(101, 0);
  for (int64_t id = 0; id < kMillion; ++id)
    ++per_user[static_cast<size_t>(id * 7 % 101)];
  for (const int user : {0, 50, 100}) {
    const std::string n = "\"n\":" + std::to_string(per_user[static_cast<size_t>(user)]) + ",";
    CHECK_THAT(scene.node->wait_for("/v1/views/per_user/u" + std::to_string(user), n).body, Catch::Contains(n));
  }
}

TEST_CASE("a view over a topic goes into another topic, each of its states once, though the node is killed",
          "[integration][kafka]") {
  const std::string broker = KafkaBroker::shared().address();
  Scene scene({.topic = "counted",
               .sections = "sinks:\n  out: {type: kafka, input: per_user, brokers: " + broker + ", topic: counts}\n"});
  create_topic(broker, "counts", 3);
  scene.start();
  int64_t put = 0;
  for (int kill = 0; kill < 5; ++kill) {
    put_orders(broker, "counted", ids(put, put + 1500));
    put += 1500;
    (void)wait_until_counted({scene.node.get()}, put - 1000);
    scene.node->kill();
    scene.start();
  }
  scene.wait_for(put);

  std::map<std::string, int64_t> expected;
  for (const int64_t id : ids(0, put))
    ++expected[order_user(id)];
  std::map<std::string, int64_t> seen;
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (seen != expected && std::chrono::steady_clock::now() < until) {
    seen.clear();
    for (const TopicRecord& record : read_topic(broker, "counts")) {
      const std::string value = record.value.value_or("");
      const size_t at = value.find("\"n\":");
      REQUIRE(at != std::string::npos);
      const int64_t n = std::atoll(value.c_str() + at + 4);
      INFO(value);
      CHECK(n > seen[record.key.value_or("")]);  // neither again nor an older one
      seen[record.key.value_or("")] = n;
    }
  }
  CHECK(seen == expected);
}

TEST_CASE("two nodes of a group share a topic, and take over from each other when one stops", "[integration][kafka]") {
  Scene scene({.topic = "shared"});
  scene.start();
  auto other = scene.nodes.start("other");
  REQUIRE(other->wait_until_ready());
  int64_t put = 0;
  // Until both have partitions.
  for (int tries = 0; tries < 100 && (counted(*scene.node) < 1 || counted(*other) < 1); ++tries) {
    put_orders(scene.broker, "shared", ids(put, put + 60));
    put += 60;
    std::this_thread::sleep_for(100ms);
  }
  CHECK(counted(*scene.node) > 0);
  CHECK(counted(*other) > 0);
  CHECK(other->interrupt().code == 0);
  put_orders(scene.broker, "shared", ids(put, put + 300));
  put += 300;
  std::string problem;
  const auto others = static_cast<int64_t>(scene.nodes.stored("other", problem).size());
  scene.wait_for(put - others);
  scene.stop();
  std::vector<int64_t> stored = scene.nodes.stored("node", problem);
  for (const int64_t id : scene.nodes.stored("other", problem))
    stored.push_back(id);
  CHECK(difference(ids(0, put), stored).empty());
  CHECK(problem.empty());
}

}  // namespace
}  // namespace penstock::test
