#include "tests/kafka/system_on_kafka.h"

#include <filesystem>

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

}  // namespace

SystemOnKafka::SystemOnKafka(SystemStart start)
    : start_(std::move(start)), broker_(KafkaBroker::shared()), writer_(broker_.address()) {
  const Finished made =
      run_to_end({{start_.binary, "generate", "--system", start_.system, "--events", std::to_string(start_.events),
                   "--seed", "11", "--dirty", "0.05", "--output", path("in")}});
  INFO(made.err);
  REQUIRE(made.code == 0);
  truth_ = parsed(content_of(path("in/truth.json")));
  std::filesystem::create_directory(path("out"));
  for (const auto& [topic, partitions] : start_.topics)
    create_topic(broker_.address(), topic, partitions);
}

void SystemOnKafka::start(const std::string& faults) {
  node_.reset();
  std::map<std::string, std::string> environment = start_.environment;
  for (auto& [name, value] : environment)
    if (const size_t at = value.find("FOLDER"); at != std::string::npos)
      value.replace(at, 6, folder_.path());
  environment.insert(
      {{"INPUT", "kafka"}, {"KAFKA_BROKERS", broker_.address()}, {"PORT", "0"}, {"PENSTOCK_FAULTS", faults}});
  node_ = std::make_unique<RunningNode>(
      RunningNode::Start{.binary = start_.binary,
                         .topology = PENSTOCK_SOURCE_DIR "/config/topologies/" + start_.system + ".yaml",
                         .data_dir = path("data"),
                         .environment = environment});
  const bool ready = node_->wait_until_ready();
  if (!ready && !faults.empty())  // it died of the fault before it was ready
    return start();
  INFO(node_->process().err());
  REQUIRE(ready);
}

void SystemOnKafka::kill_and_start(const std::string& faults) {
  node_->kill();
  start(faults);
}

void SystemOnKafka::put(const std::string& topic, const std::string& file) {
  for (const std::string& line : lines_of(path("in/" + file)))
    writer_.put(topic, {.value = line});
  writer_.flush();
}

void SystemOnKafka::put_line(const std::string& topic, const std::string& line) {
  writer_.put(topic, {.value = line});
  writer_.flush();
}

void SystemOnKafka::put_part(size_t part, size_t parts) {
  for (const auto& [topic, file] : start_.streams) {
    const std::vector<std::string> all = lines_of(path("in/" + file));
    for (size_t i = all.size() * part / parts; i < all.size() * (part + 1) / parts; ++i)
      writer_.put(topic, {.value = all[i]});
  }
  writer_.flush();
}

rapidjson::Document SystemOnKafka::get(const std::string& target) {
  for (int life = 0;; ++life) {
    const Answer answer = node_->get(target);
    if (answer.code != 0 || life == 4)
      return parsed(answer.body);
    kill_and_start();
  }
}

uint64_t SystemOnKafka::sum(const std::string& view, const char* column) {
  uint64_t out = 0;
  const rapidjson::Document document = rows(view);
  for (const auto& row : document["rows"].GetArray())
    out += row[column].IsNull() ? 0 : row[column].GetUint64();
  return out;
}

bool SystemOnKafka::wait_until(const std::function<bool()>& holds) {
  for (int look = 0; look < 1200; ++look) {
    if (holds())
      return true;
    (void)node_->process().wait(50ms);
  }
  WARN("waited in vain; the node says " << node_->get("/v1/status").body << node_->process().err());
  return false;
}

uint64_t SystemOnKafka::dead_letters() {
  uint64_t out = 0;
  const rapidjson::Document summary = get("/v1/dead-letters/summary");
  for (const auto& group : summary["groups"].GetArray())
    out += group["letters"].GetUint64();
  return out;
}

uint64_t SystemOnKafka::read() {
  uint64_t out = 0;
  const rapidjson::Document status = get("/v1/status");
  for (const auto& component : status["components"].GetArray())
    if (component["role"] == "source" && component["type"] == "kafka")
      out += component["records"].GetUint64();
  return out;
}

Finished SystemOnKafka::ask(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), start_.binary);
  arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:" + std::to_string(node_->port())});
  return run_to_end({arguments}, 120s);
}

bool SystemOnKafka::reconciles(const std::string& view) {
  const Finished finished = ask({"reconcile", view});
  UNSCOPED_INFO(finished.out << finished.err);
  return finished.code == 0;
}

int SystemOnKafka::stop() { return node_->interrupt().code; }

}  // namespace penstock::test
