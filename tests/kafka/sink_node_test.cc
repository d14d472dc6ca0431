// The sink `kafka` in the real program: every row of a log once in the topic, though process and broker die meanwhile.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "tests/support/kafka_broker.h"
#include "tests/support/kafka_client.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr int kRows = 1'500;

std::string row(int id, const std::string& text = "x") {
  return R"({"id":)" + std::to_string(id) + R"(,"text":")" + text + "\"}\n";
}

std::string rows() {
  std::string out;
  for (int id = 0; id < kRows; ++id)
    out += row(id);
  return out;
}

/// A node whose sink takes the rows of a file into a topic of its own.
struct Outlet {
  Outlet(const KafkaBroker& of, const std::string& name, const std::string& content, const std::string& more = "")
      : broker(of), topic(name) {
    create_topic(broker.address(), topic, 3);
    folder.write("rows.jsonl", content);
    topology = folder.write("topology.yaml", R"(
name: outlet
schemas:
  row: {id: {type: int64, required: true}, text: string}
sources:
  rows: {type: file, path: rows.jsonl, schema: row, partitions: 2}
sinks:
  out: {type: kafka, input: rows, brokers: ")" + broker.address() +
                                                 R"(", topic: )" + topic +
                                                 R"(, key: id, backoff_min: 5ms, backoff_max: 100ms)" + more + R"(}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)");
  }

  RunningNode::Start start(const std::map<std::string, std::string>& environment = {}) const {
    return {.binary = PENSTOCK_BINARY, .topology = topology, .data_dir = folder / "data", .environment = environment};
  }

  std::map<std::string, size_t> counts() const {  // by key
    std::map<std::string, size_t> out;
    for (const TopicRecord& record : read_topic(broker.address(), topic))
      ++out[record.key.value_or("")];
    return out;
  }
  /// Of those who read committed records; gives up after a minute.
  bool wait_for_keys(size_t count) const {
    for (int i = 0; i < 300 && counts().size() < count; ++i)
      std::this_thread::sleep_for(200ms);
    return counts().size() == count;
  }
  size_t doubled() const {
    const auto all = counts();
    return static_cast<size_t>(std::count_if(all.begin(), all.end(), [](const auto& key) { return key.second != 1; }));
  }

  const KafkaBroker& broker;
  const std::string topic;
  TemporaryFolder folder;
  std::string topology;
};

TEST_CASE("a topic gets every row once across deaths of the process at any step of a delivery", "[kafka]") {
  const Outlet out(KafkaBroker::shared(), "deaths", rows(), ", batch_rows: 40");
  for (const char* fault : {"sink.write:crash:@2", "sink.sync:crash:@3", "store.write:crash:@5", "store.sync:crash:@4",
                            "store.committed:crash:@5", "sink.sync:crash:@1"}) {
    INFO(fault);
    RunningNode node(out.start({{"PENSTOCK_FAULTS", fault}}));
    CHECK(node.process().wait(30s) == 128 + 9);
  }
  RunningNode node(out.start());
  CHECK(out.wait_for_keys(kRows));
  CHECK(out.doubled() == 0);
  CHECK(node.interrupt().code == 0);
}

TEST_CASE("a topic gets every row once though its broker dies", "[kafka]") {
  KafkaBroker broker;
  const Outlet out(broker, "broker-dies", rows(), ", batch_rows: 10, timeout: 2s");
  RunningNode node(out.start());
  for (int i = 0; i < 600 && end_offset(broker.address(), out.topic, 0) == 0; ++i)
    std::this_thread::sleep_for(20ms);
  broker.kill();
  CHECK_THAT(node.wait_for("/v1/status", "retrying").body, Catch::Contains("\"retrying\""));
  broker.start();
  CHECK(out.wait_for_keys(kRows));
  CHECK(out.doubled() == 0);
  CHECK_THAT(node.get("/metrics").body, Catch::Contains("penstock_kafka_errors_total"));
  CHECK(node.interrupt().code == 0);
}

TEST_CASE("rows that a topic does not take become dead letters, and the rest arrives", "[kafka]") {
  std::string content;
  for (int id = 0; id < 200; ++id)
    content += id == 77 ? row(id, std::string(1'200'000, 'x')) : row(id == 150 ? 1003 : id);
  const Outlet out(KafkaBroker::shared(), "letters", content,
                   ", partition: CASE WHEN id < 1000 THEN id % 3 ELSE id - 1000 END");
  RunningNode node(out.start());
  CHECK(out.wait_for_keys(198));
  CHECK(out.doubled() == 0);
  const Answer letters = node.wait_for("/v1/dead-letters?limit=10", "partition 3 is none");
  CHECK_THAT(letters.body, Catch::Contains("partition 3 is none of the topic letters, which has 0 to 2"));
  CHECK_THAT(node.wait_for("/v1/dead-letters?limit=10", "too large").body,
             Catch::Contains("a record of 1200019 bytes does not go into the topic letters"));
  CHECK(node.interrupt().code == 0);
}

TEST_CASE("changes of a view go into a topic by its key, the newest last", "[kafka]") {
  const KafkaBroker& broker = KafkaBroker::shared();
  create_topic(broker.address(), "view-changes", 3);
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 300; ++i)
    content += row(i % 3, "t");
  folder.write("rows.jsonl", content);
  const std::string topology = folder.write("topology.yaml", R"(
name: outlet
schemas:
  row: {id: {type: int64, required: true}, text: string}
sources:
  rows: {type: file, path: rows.jsonl, schema: row}
stages:
  per: {type: reduce, input: rows, group_by: [id], aggregates: {n: count(*)}}
sinks:
  out: {type: kafka, input: per, brokers: ")" + broker.address() +
                                                                 R"(", topic: view-changes}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)");
  RunningNode node({.binary = PENSTOCK_BINARY, .topology = topology, .data_dir = folder / "data"});
  std::map<std::string, std::string> newest;
  const std::map<std::string, std::string> expected = {
      {"0", R"({"id":0,"n":100})"}, {"1", R"({"id":1,"n":100})"}, {"2", R"({"id":2,"n":100})"}};
  for (int i = 0; i < 300 && newest != expected; ++i) {
    for (const TopicRecord& record : read_topic(broker.address(), "view-changes"))
      newest[record.key.value_or("")] = record.value.value_or("");
    std::this_thread::sleep_for(100ms);
  }
  CHECK(newest == expected);
  CHECK(node.interrupt().code == 0);
}

}  // namespace
}  // namespace penstock::test
