// The food delivery system through the real program: two weeks of deliveries, dirt among them, while the process is killed again
// and again. What the views, the files of the batch layer and the lake say is what is known to be true.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "tests/support/documents.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::array kStreams = {"restaurants", "trips", "payments"};
constexpr size_t kRounds = 12;  // each posts a twelfth of every stream

struct Fixture {
  TemporaryFolder folder;
  std::unique_ptr<RunningNode> node;
  rapidjson::Document truth;

  Fixture() {
    const Finished made = run_to_end({{PENSTOCK_BINARY, "generate", "--system", "food-delivery", "--events", "1500",
                                       "--seed", "11", "--dirty", "0.05", "--output", folder / "in"}});
    INFO(made.err);
    REQUIRE(made.code == 0);
    truth = parsed(lines_of(folder / "in/truth.json").at(0));
    fs::create_directory(folder / "out");
    start("");
  }

  void start(const std::string& faults) {
    node.reset();
    node = std::make_unique<RunningNode>(
        RunningNode::Start{.binary = PENSTOCK_BINARY,
                           .topology = PENSTOCK_SOURCE_DIR "/config/topologies/food-delivery.yaml",
                           .data_dir = folder / "data",
                           .environment = {{"PORT", "0"}, {"FOOD_OUT", folder / "out"}, {"PENSTOCK_FAULTS", faults}}});
    const bool ready = node->wait_until_ready();
    REQUIRE((ready || !faults.empty()));  // with a fault it may die before
  }

  // Posts under a key, so that a body that was taken in before the process died is not taken in again.
  void post(const std::string& stream, const std::string& key, const std::string& body) {
    for (int life = 0; life < 5; ++life) {
      const Answer answer = http(node->port(), "POST", "/ingest/" + stream, body, 20s,
                                 {"Idempotency-Key: " + stream + key, "Content-Type: application/x-ndjson"});
      if (answer.code / 100 == 2)
        return;
      INFO(answer.code << " " << answer.body.substr(0, 300));
      REQUIRE(answer.code == 0);  // it died
      start("");
    }
    FAIL("it died too often");
  }

  void post_all() {
    std::map<std::string, std::vector<std::string>> lines;
    for (const char* stream : kStreams)
      lines[stream] = lines_of(folder / ("in/" + std::string(stream) + ".jsonl"));
    for (size_t round = 0; round < kRounds; ++round) {
      for (const char* stream : kStreams) {
        const auto& all = lines[stream];
        std::string body;
        for (size_t i = all.size() * round / kRounds; i < all.size() * (round + 1) / kRounds; ++i)
          body += all[i] + "\n";
        post(stream, std::to_string(round), body);
      }
      if (round % 4 == 1) {  // in the midst of what it makes of them
        node->kill();
        start(round == 1 ? "ingest.answer:crash:@4" : round == 5 ? "region.commit:crash:@9" : "");
      }
    }
  }

  Finished ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), PENSTOCK_BINARY);
    arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:" + std::to_string(node->port())});
    return run_to_end({arguments}, 120s);
  }
  rapidjson::Document get(const std::string& target) { return parsed(node->get(target).body); }
  std::string count(const char* name) { return std::to_string(truth["all"][name].GetUint64()); }

  size_t lake_lines(const std::string& name) {
    size_t out = 0;
    for (const auto& file : fs::recursive_directory_iterator(folder / ("out/food_lake_" + name)))
      if (file.is_regular_file() && file.path().extension() == ".jsonl")
        out += lines_of(file.path().string()).size();
    return out;
  }
};

// `r3 40 5 1234` of each row: key, deliveries, failed, cents refunded.
std::vector<std::string> texts(const rapidjson::Value& rows, const char* key) {
  std::vector<std::string> out;
  for (const auto& row : rows.GetArray())
    out.push_back(std::string(row[key].GetString()) + " " + std::to_string(row["deliveries"].GetUint64()) + " " +
                  std::to_string(row["failed"].GetUint64()) + " " + std::to_string(row["refund_cents"].GetInt64()));
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> true_texts(const rapidjson::Value& truth) {
  std::vector<std::string> out;
  for (const auto& row : truth.GetObject())
    out.push_back(std::string(row.name.GetString()) + " " + std::to_string(row.value["deliveries"].GetUint64()) + " " +
                  std::to_string(row.value["failed"].GetUint64()) + " " +
                  std::to_string(row.value["refund_cents"].GetInt64()));
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "food delivery: speed layer, batch layer and lake say what is true, whatever was killed when",
                 "[integration]") {
  post_all();
  // The failed deliveries of the speed layer.
  const std::string failed = count("failed");
  node->wait_for("/v1/models/failure_risk", "learnt from " + count("deliveries") + " rows");
  const auto by_restaurant = get("/v1/views/failures_by_restaurant?limit=1000");
  CHECK(texts(by_restaurant["rows"], "restaurant_id") == true_texts(truth["restaurants"]));
  uint64_t kinds = 0;
  for (const auto& kind : truth["failures"].GetObject()) {
    uint64_t sum = 0;
    for (const auto& row : by_restaurant["rows"].GetArray())
      sum += row[kind.name.GetString()].GetUint64();
    CHECK(sum == kind.value.GetUint64());
    kinds += sum;
  }
  CHECK(std::to_string(kinds) == failed);
  CHECK(get("/v1/views/failed_deliveries?limit=1000")["rows"].Size() == kinds);
  uint64_t trips = 0;
  const auto hours = get("/v1/views/trips_per_hour?limit=1000");
  for (const auto& hour : hours["rows"].GetArray())
    trips += hour["trips"].GetUint64();
  CHECK(trips == truth["trips"].GetUint64());
  std::vector<std::string> alerts, alarming;
  for (const auto& hour : truth["alarming_hours"].GetArray())
    alarming.emplace_back(hour.GetString());
  for (const std::string& line : lines_of(folder / "out/food_alerts.jsonl"))
    alerts.emplace_back(parsed(line)["window_start"].GetString());
  CHECK(alerts == alarming);
  CHECK_FALSE(alerts.empty());

  // What was rejected is counted once, too.
  uint64_t rejected = 0;
  for (const auto& stream : truth["rejected"].GetObject())
    rejected += stream.value.GetUint64();
  CHECK(get("/v1/dead-letters?limit=1")["letters"][0]["number"].GetUint64() + 1 == rejected);

  // The batch layer: nothing that it finds is other than what the speed layer had, before and after it landed.
  for (const char* view : {"failed_deliveries", "failures_by_restaurant", "failures_by_day"}) {
    const Finished agrees = ask({"reconcile", view});
    INFO(agrees.out << agrees.err);
    CHECK(agrees.code == 0);
    CHECK_THAT(agrees.out, Catch::Contains("agrees with history"));
  }
  const Finished batch = ask({"job", "run", "batch_layer", "--wait"});
  INFO(batch.out << batch.err);
  CHECK(batch.code == 0);
  CHECK(texts(get("/v1/views/failures_by_restaurant?limit=1000")["rows"], "restaurant_id") ==
        true_texts(truth["restaurants"]));
  CHECK(std::to_string(lines_of(folder / "out/food_failed_deliveries.csv").size() - 1) == failed);
  CHECK(lines_of(folder / "out/food_failures_by_day.csv").size() - 1 == truth["days"].MemberCount());

  // The lake has each record that could be read once, though its job was run twice and the process died in between.
  CHECK(ask({"job", "run", "lake", "--wait"}).code == 0);
  node->kill();
  start("");
  CHECK(ask({"job", "run", "lake", "--wait"}).code == 0);
  CHECK(std::to_string(lake_lines("deliveries")) == count("deliveries"));

  // What was learnt: a job has trained, restaurants that fail are promoted less.
  node->wait_for("/v1/jobs/learn", "\"state\":\"succeeded\"");
  CHECK(fs::file_size(folder / "out/food_training.jsonl.gz") > 1000);
  const auto answer = get("/v1/users/nobody/recommendations?n=100");
  std::map<std::string, double> share;
  for (const auto& row : by_restaurant["rows"].GetArray())
    share[row["restaurant_id"].GetString()] = row["failed"].GetDouble() / std::max(1.0, row["deliveries"].GetDouble());
  const auto& items = answer["items"].GetArray();
  REQUIRE(items.Size() > 10);
  double upper = 0, lower = 0;
  for (rapidjson::SizeType i = 0; i < items.Size() / 2; ++i) {
    upper += share[items[i]["item"].GetString()];
    lower += share[items[items.Size() - 1 - i]["item"].GetString()];
  }
  CHECK(upper < lower);
}

TEST_CASE_METHOD(Fixture, "models of rows that come through a join are not evaluated offline, and the reason is told",
                 "[integration]") {
  const Finished refused = run_to_end(
      {.arguments = {PENSTOCK_BINARY, "evaluate", PENSTOCK_SOURCE_DIR "/config/topologies/food-delivery.yaml"},
       .environment = {{"INPUT", "file"}, {"FOOD_FILES", folder / "in"}}});
  CHECK(refused.code == 65);
  CHECK_THAT(refused.err, Catch::Contains("\"driven\" (join), which only a running node can do"));
}

}  // namespace penstock::test
