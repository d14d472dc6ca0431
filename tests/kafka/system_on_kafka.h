// A shipped system with INPUT=kafka: what its generator makes goes into its topics part by part, and its node can be killed in between; then
// its views are asked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/documents.h"
#include "tests/support/kafka_broker.h"
#include "tests/support/kafka_client.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {

struct SystemStart {
  std::string binary;
  std::string system;
  int events = 0;
  std::map<std::string, int> topics = {};  // with how many partitions
  /// By topic, the file of the generated input that goes there part by part.
  std::map<std::string, std::string> streams = {};
  /// `FOLDER` in a value stands for path("").
  std::map<std::string, std::string> environment = {};
};

class SystemOnKafka {
 public:
  /// Generates the input, dirt included, into path("in"), and makes the topics. Nothing runs yet.
  explicit SystemOnKafka(SystemStart start);

  /// With a fault this life of the node ends by itself.
  void start(const std::string& faults = {});
  void kill_and_start(const std::string& faults = {});
  std::string path(const std::string& name) const { return folder_ / name; }
  const rapidjson::Document& truth() const { return truth_; }
  const KafkaBroker& broker() const { return broker_; }

  /// All lines of files of the input into topics.
  void put(const std::string& topic, const std::string& file);
  void put_line(const std::string& topic, const std::string& line);
  /// The next part of each stream. The last one has all that is left.
  void put_part(size_t part, size_t parts);

  /// Of a node that lives: one that has died of its fault is started again.
  rapidjson::Document get(const std::string& target);
  rapidjson::Document rows(const std::string& view) { return get("/v1/views/" + view + "?limit=10000"); }
  /// The sum of a column over a view's rows.
  uint64_t sum(const std::string& view, const char* column);
  /// Until it holds; false if it does not within a minute.
  bool wait_until(const std::function<bool()>& holds);
  uint64_t dead_letters();
  /// Records that were read from topics in this life.
  uint64_t read();
  /// Runs `penstock` with these arguments against the node.
  Finished ask(std::vector<std::string> arguments);
  bool reconciles(const std::string& view);
  int stop();

 private:
  SystemStart start_;
  KafkaBroker& broker_;
  TopicWriter writer_;
  TemporaryFolder folder_;
  rapidjson::Document truth_;
  std::unique_ptr<RunningNode> node_;
};

}  // namespace penstock::test
