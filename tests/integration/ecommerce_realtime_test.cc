// The shop in real time as it is run: what a generated clickstream and its orders come to is known, and is reached though the
// process is killed again and again while clients post.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <sstream>

#include "messages/timestamp.h"
#include "tests/support/documents.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kPart = 240'000'000;  // microseconds of event time that a client posts at once
constexpr const char* kClicks = "clickstream-events";
constexpr const char* kOrders = "purchase-events";

struct Fixture {
  TemporaryFolder folder;
  std::string files = folder / "files";
  rapidjson::Document truth;
  std::unique_ptr<RunningNode> node;

  Fixture() {
    std::filesystem::create_directory(files);
    const Finished generated = run_to_end({{PENSTOCK_BINARY, "generate", "--system", "ecommerce-realtime", "--events",
                                            "3000", "--seed", "11", "--dirty", "0.05", "--output", files}});
    INFO(generated.err);
    REQUIRE(generated.code == 0);
    truth = parsed(content_of(files + "/truth.json"));
    start();
  }
  void start() {
    node = std::make_unique<RunningNode>(
        RunningNode::Start{.binary = PENSTOCK_BINARY,
                           .topology = PENSTOCK_SOURCE_DIR "/config/topologies/ecommerce-realtime.yaml",
                           .data_dir = folder / "data",
                           .environment = {{"PORT", "0"},
                                           {"ECOMMERCE_DATA", folder / "data"},
                                           {"ECOMMERCE_FILES", files},
                                           {"ECOMMERCE_OUT", files},
                                           {"CATALOGUE_WAIT", "5s"},
                                           {"IDLE_TIMEOUT", "1h"}}});
    REQUIRE(node->wait_until_ready());
  }

  // A topic in parts by event time. A line whose time cannot be read goes with the one before it.
  std::vector<std::string> parts_of(const char* topic) const {
    std::vector<std::string> parts;
    std::optional<int64_t> begin;
    int64_t part = 0;
    std::istringstream lines(content_of(files + "/" + topic + ".jsonl"));
    for (std::string line; std::getline(lines, line);) {
      if (const size_t at = line.find("\"at\":\"2026-01-05T"); at != std::string::npos) {
        const auto time = parse_timestamp(line.substr(at + 6, line.find('"', at + 6) - at - 6));
        if (time) {
          begin = begin.value_or(parse_timestamp("2026-01-05T08:00:00Z")->micros);
          part = std::max(part, (time->micros - *begin) / kPart);
        }
      }
      parts.resize(std::max(parts.size(), static_cast<size_t>(part) + 1));
      parts[static_cast<size_t>(part)] += line + "\n";
    }
    return parts;
  }
  // As a client does who is not sure whether his request was taken: with the same key he may send it again.
  void post(const char* topic, size_t number, const std::string& part) {
    if (part.empty())
      return;
    const Answer answer =
        http(node->port(), "POST", std::string("/ingest/") + topic, part, 20s,
             {"Content-Type: application/x-ndjson", "Idempotency-Key: " + (topic + std::to_string(number))});
    INFO(answer.code << " " << answer.body);
    REQUIRE(answer.code / 100 == 2);
  }
  void post_all_under_kills() {
    const std::vector<std::string> orders = parts_of(kOrders), clicks = parts_of(kClicks);
    const size_t parts = std::max(orders.size(), clicks.size());
    for (size_t i = 0; i < parts; ++i) {
      if (i < orders.size())
        post(kOrders, i, orders[i]);
      if (i < clicks.size())
        post(kClicks, i, clicks[i]);
      if (i % (parts / 5 + 1) != parts / 10)
        continue;
      node->kill();
      start();
      if (i < clicks.size())
        post(kClicks, i, clicks[i]);
    }
  }

  rapidjson::Document get(const std::string& target) { return parsed(node->get(target).body); }
  // Polls until the sums of a view's column are so much.
  bool wait_for_sum(const std::string& view, const char* column, uint64_t sum) {
    for (int look = 0; look < 1500; ++look) {
      const auto rows = get("/v1/views/" + view + "?limit=10000");
      uint64_t found = 0;
      for (const auto& row : rows["rows"].GetArray())
        found += row[column].IsNull() ? 0 : row[column].GetUint64();
      if (found == sum)
        return true;
      (void)node->process().wait(20ms);
    }
    return false;
  }
  void run_job(const std::string& job) {
    const Finished run = run_to_end(
        {{PENSTOCK_BINARY, "job", "run", job, "--wait", "--url", "http://127.0.0.1:" + std::to_string(node->port())}});
    INFO(job << ": " << run.out << run.err);
    CHECK(run.code == 0);
  }
  void check_features(const std::string& store, const std::string& prefix, const rapidjson::Value& known) {
    for (const auto& [key, sums] : known.GetObject()) {
      const std::string id = key.GetString();
      const Answer answer = node->get("/v1/features/" + store + "/" + id);
      INFO(answer.body);
      const auto document = parsed(answer.body);
      REQUIRE(document.HasMember("features"));
      const auto& features = document["features"];
      const auto number = [&](const std::string& name) { return features[(prefix + name).c_str()].GetUint64(); };
      CHECK(number("views") == sums["views"].GetUint64());
      CHECK(number("carts") == sums["carts"].GetUint64());
      CHECK(number("purchases") == sums["purchases"].GetUint64());
      CHECK(number("returns") == sums["returns"].GetUint64());
      CHECK(features[(prefix + "last_interaction").c_str()] == sums["last"]);
      const auto& average = features[(prefix + "avg_time_on_page").c_str()];
      if (sums["timed"].GetUint64() == 0)
        CHECK(average.IsNull());
      else
        CHECK(average.GetDouble() == Approx(sums["seconds"].GetDouble() / sums["timed"].GetDouble()));
      const auto& money = features[(prefix + (prefix == "user_" ? "spent" : "revenue")).c_str()];
      CHECK((money.IsNull() ? 0 : money.GetDouble()) == Approx(sums["cents"].GetDouble() / 100).margin(1e-6));
      if (prefix == "user_")
        CHECK(features["user_per_category"] == sums["categories"]);
    }
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "the shop in real time reaches the known truth through kills", "[integration]") {
  node->wait_for("/v1/views/catalogue?limit=10000", "\"p50\"");
  post_all_under_kills();
  REQUIRE(wait_for_sum("product_activity", "views", truth["views"].GetUint64()));
  REQUIRE(wait_for_sum("sales_per_hour", "lines", truth["orders"].GetUint64()));

  check_features("user_features", "user_", truth["users"]);
  check_features("product_features", "product_", truth["products"]);

  uint64_t hours = 0;
  const auto sales = get("/v1/views/sales_per_hour?limit=1000");
  for (const auto& row : sales["rows"].GetArray()) {
    const auto& known = truth["hours"][row["window_start"].GetString()];
    CHECK(row["lines"] == known["lines"]);
    CHECK(row["revenue"].GetDouble() == Approx(known["cents"].GetDouble() / 100).margin(1e-6));
    ++hours;
  }
  CHECK(hours == truth["hours"].MemberCount());

  // Views that a purchase followed within the hour; of the others those whose hour has passed are known.
  uint64_t converted = 0, others = 0;
  const auto outcomes = get("/v1/views/converted");
  for (const auto& row : outcomes["rows"].GetArray())
    (row["bought"].GetBool() ? converted : others) = row["views"].GetUint64();
  CHECK(converted == truth["converted"].GetUint64());
  CHECK(others > 0);
  CHECK(others <= truth["views"].GetUint64() - converted);

  uint64_t rejected = 0;
  const auto letters = get("/v1/dead-letters?limit=1000");
  for (const auto& letter : letters["letters"].GetArray())
    rejected += letter.IsObject() ? 1 : 0;
  CHECK(rejected == truth["rejected"].GetUint64());

  // The batch layer: models, files, and that history says the same.
  run_job("learn");
  CHECK_THAT(node->get("/v1/users/u1/recommendations?n=5").body, Catch::Contains("\"strategy\":\"taste\""));
  const auto intent = get("/v1/models/intent");
  CHECK_THAT(node->get("/v1/models/intent").body,
             Catch::Contains("\"precision\"") && Catch::Contains("\"recall\"") && Catch::Contains("\"auc\""));
  run_job("dashboard");
  const std::string csv = content_of(files + "/ecommerce-product-activity.csv");
  CHECK(static_cast<uint64_t>(std::ranges::count(csv, '\n')) == truth["products"].MemberCount() + 1);
  for (const char* view : {"product_activity", "category_activity"}) {
    const Finished reconciled =
        run_to_end({{PENSTOCK_BINARY, "reconcile", view, "--url", "http://127.0.0.1:" + std::to_string(node->port())}});
    INFO(reconciled.out << reconciled.err);
    CHECK(reconciled.code == 0);
  }
  run_job("rebuild");
  CHECK(wait_for_sum("product_activity", "views", truth["views"].GetUint64()));
  node->kill();
  start();
  run_job("snapshots");
  CHECK(std::filesystem::exists(files + "/ecommerce-user-features.csv"));
  node->wait_for("/v1/jobs/training_rows", "\"state\":\"succeeded\"");
  CHECK(std::filesystem::exists(files + "/ecommerce-training/date=2026-01-05"));
  CHECK(node->interrupt().code == 0);
}

}  // namespace penstock::test
