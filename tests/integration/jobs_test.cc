// Jobs through the real program: by schedule, at start, after others, by command; cancelled, timed out, killed and resumed;
// the files they write.
#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* kTopology = R"(
name: shop
schemas:
  order: {user: {type: string, required: true}, item: {type: string, required: true}, at: {type: timestamp, required: true}}
sources:
  orders: {type: http, path: /orders, schema: order, event_time: at}
stages:
  of_ann: {type: filter, input: orders, where: user = 'ann'}
  per_item: {type: reduce, input: orders, group_by: [item], aggregates: {n: count(*)}, workers: 2}
models:
  taste: {type: als, input: orders, user: user, item: item, train_at_start: false, factors: "${FACTORS:-8}", iterations: "${ITERATIONS:-5}", holdout: 0}
sinks:
  per_item_file: {type: result_file, input: per_item, path: per_item.csv}
  ann_file: {type: result_file, input: of_ann, path: ann, incremental: true, partition_by_date: at, format: jsonl}
  all_file: {type: result_file, input: orders, path: all.jsonl.gz}
jobs:
  dashboard: {every: 1s, run: [per_item_file]}
  lake: {run: [ann_file, all_file]}
  first: {on: start, run: [all_file]}
  learn: {run: [taste, per_item_file], timeout: "${TIMEOUT:-10m}"}
  then: {after: [lake], run: [all_file]}
  anew: {run: [per_item, per_item_file]}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";

struct Fixture {
  TemporaryFolder folder;
  std::string topology = folder.write("shop.yaml", kTopology);

  RunningNode::Start start(std::map<std::string, std::string> environment = {}) {
    return {.binary = PENSTOCK_BINARY,
            .topology = topology,
            .data_dir = folder / "data",
            .environment = std::move(environment)};
  }
  static void post(RunningNode& node, const std::string& events) {
    const Answer answer = node.post("/orders", "[" + events + "]");
    INFO(answer.body);
    REQUIRE(answer.code / 100 == 2);
  }
  static std::string order(const std::string& user, const std::string& item, const std::string& date) {
    return R"({"user":")" + user + R"(","item":")" + item + R"(","at":")" + date + "T12:00:00Z\"}";
  }
  static std::string orders_of_many() {
    std::string events;
    for (int user = 0; user < 400; ++user)
      for (int item = 0; item < 10; ++item)
        events += (events.empty() ? "" : ",") +
                  order("u" + std::to_string(user), "i" + std::to_string(user * 7 % 100 + item), "2026-01-01");
    return events;
  }
  static rapidjson::Document json(const Answer& answer) {
    INFO(answer.code << " " << answer.body);
    rapidjson::Document document;
    document.Parse(answer.body.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }
  static std::string run(RunningNode& node, const std::string& job) {
    const auto answer = json(node.post("/v1/jobs/" + job + "/run", ""));
    REQUIRE(answer.HasMember("id"));
    return answer["id"].GetString();
  }
  // Waits for the end of the job's newest run: `learn.1 failed taste+ per_item_file!`.
  static std::string newest(RunningNode& node, const std::string& job, bool ended = true) {
    std::string out;
    for (int look = 0; look < 2000; ++look) {
      const auto answer = json(node.get("/v1/jobs/" + job));
      const auto& runs = answer["runs"].GetArray();
      if (!runs.Empty() && (!ended || !runs[0]["ended"].IsNull())) {
        out = std::string(runs[0]["id"].GetString()) + " " + runs[0]["state"].GetString();
        for (const auto& step : runs[0]["steps"].GetArray())
          out += std::string(" ") + step["id"].GetString() + ":" + step["state"].GetString();
        return out;
      }
      (void)node.process().wait(20ms);
    }
    return "none";
  }
  std::string content(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder / name, std::ios::binary).rdbuf();
    return out.str();
  }
  // The lines of a file, in order.
  std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> out;
    std::istringstream in(content(name));
    for (std::string line; std::getline(in, line);)
      out.push_back(line);
    std::ranges::sort(out);
    return out;
  }
  static Finished job(RunningNode& node, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {PENSTOCK_BINARY, "job"});
    arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:" + std::to_string(node.port())});
    return run_to_end({.arguments = arguments});
  }
  bool wait_for_line(RunningNode& node, const std::string& name, const std::string& line) const {
    for (int look = 0; look < 1500; ++look) {
      if (std::ranges::count(lines(name), line) > 0)
        return true;
      (void)node.process().wait(20ms);
    }
    return false;
  }
};

const std::map<std::string, std::string> kLong = {{"ITERATIONS", "1000"}, {"FACTORS", "48"}};

TEST_CASE_METHOD(Fixture, "a job that runs every second writes what the view has", "[integration]") {
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  CHECK(wait_for_line(node, "per_item.csv", "item,n"));
  post(node, order("ann", "tea", "2026-01-01") + "," + order("bob", "tea", "2026-01-01") + "," +
                 order("bob", "jam", "2026-01-02"));
  CHECK(wait_for_line(node, "per_item.csv", "tea,2"));
  CHECK(lines("per_item.csv") == std::vector<std::string>{"item,n", "jam,1", "tea,2"});
  const auto status = json(node.get("/v1/jobs"));
  CHECK(std::string(status["jobs"][0]["name"].GetString()) == "dashboard");
  CHECK(std::string(status["jobs"][0]["schedule"].GetString()) == "every 1s");
  CHECK(status["jobs"][0]["next"].IsString());
  const std::string metrics = node.get("/metrics").body;
  CHECK_THAT(metrics, Catch::Contains("penstock_job_runs_total") && Catch::Contains("component_id=\"dashboard\"") &&
                          Catch::Contains("state=\"succeeded\"") &&
                          Catch::Contains("penstock_job_last_success_timestamp_seconds"));
}

TEST_CASE_METHOD(Fixture, "a job by command writes history by dates, new parts only, and others come after it",
                 "[integration]") {
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  CHECK(newest(node, "first") == "first.1 succeeded all_file:succeeded");
  post(node, order("ann", "tea", "2026-01-01") + "," + order("bob", "tea", "2026-01-01") + "," +
                 order("ann", "jam", "2026-01-02"));
  CHECK(run(node, "lake") == "lake.1");
  CHECK(newest(node, "lake") == "lake.1 succeeded ann_file:succeeded all_file:succeeded");
  CHECK(newest(node, "then") == "then.1 succeeded all_file:succeeded");
  post(node, order("ann", "ham", "2026-01-02"));
  const Finished waited = job(node, {"run", "lake", "--wait"});
  INFO(waited.err);
  CHECK(waited.code == 0);
  CHECK_THAT(waited.out, Catch::Contains("lake.2: succeeded") && Catch::Contains("1 row in 1 file") &&
                             Catch::Contains("4 rows in 1 file"));
  CHECK(content("ann/date=2026-01-01/part-00000001.jsonl") ==
        "{\"user\":\"ann\",\"item\":\"tea\",\"at\":\"2026-01-01T12:00:00Z\"}\n");
  CHECK(lines("ann/date=2026-01-02/part-00000002.jsonl").size() == 1);
  CHECK(std::distance(fs::recursive_directory_iterator(folder / "ann"), fs::recursive_directory_iterator()) == 5);
  CHECK(job(node, {"run", "lake", "--wait"}).code == 0);  // nothing new: no further part
  CHECK(std::distance(fs::recursive_directory_iterator(folder / "ann"), fs::recursive_directory_iterator()) == 5);
}

TEST_CASE_METHOD(Fixture, "a job makes a view anew, and it is what it was", "[integration]") {
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  post(node, orders_of_many());
  CHECK(wait_for_line(node, "per_item.csv", "i0,4"));
  const std::vector<std::string> before = lines("per_item.csv");
  const Finished anew = job(node, {"run", "anew", "--wait"});
  INFO(anew.err);
  CHECK(anew.code == 0);
  CHECK_THAT(anew.out, Catch::Contains("version 1 of 4000 records"));
  CHECK(lines("per_item.csv") == before);
}

TEST_CASE_METHOD(Fixture, "a job trains a model, and tells what came of it", "[integration]") {
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  run(node, "learn");
  CHECK(newest(node, "learn") == "learn.1 failed taste:failed per_item_file:cancelled");  // nothing to learn from
  const Finished failed = job(node, {"run", "learn", "--wait"});
  CHECK(failed.code != 0);
  CHECK_THAT(failed.err, Catch::Contains("learn.2 failed: taste: "));
  post(node, orders_of_many());
  const Finished done = job(node, {"run", "learn", "--wait"});
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Catch::Contains("version 1 is live"));
  CHECK_THAT(job(node, {"list"}).out, Catch::Contains("learn") && Catch::Contains("by command") &&
                                          Catch::Contains("after lake") && Catch::Contains("at start"));
  CHECK_THAT(job(node, {"show", "learn"}).out, Catch::Contains("learn.3") && Catch::Contains("learn.1"));
}

TEST_CASE_METHOD(Fixture, "a run is cancelled or times out, and what is wrong is told", "[integration]") {
  auto environment = kLong;
  environment["TIMEOUT"] = "3s";
  RunningNode node(start(environment));
  REQUIRE(node.wait_until_ready());
  post(node, orders_of_many());
  CHECK(node.post("/v1/jobs/lern/run", "").code == 404);
  CHECK(node.get("/v1/jobs/lern").code == 404);
  CHECK(node.post("/v1/jobs/learn/cancel", "").code == 409);
  run(node, "learn");
  CHECK(node.post("/v1/jobs/learn/run", "").code == 409);
  CHECK(job(node, {"run", "learn"}).code != 0);
  CHECK(node.post("/v1/jobs/learn/cancel", "").code == 202);
  CHECK(newest(node, "learn") == "learn.1 cancelled taste:cancelled per_item_file:cancelled");
  run(node, "learn");
  CHECK(newest(node, "learn") == "learn.2 timed_out taste:cancelled per_item_file:cancelled");
  CHECK_THAT(job(node, {"show", "learn.2"}).out, Catch::Contains("took longer than 3s"));
  CHECK_THAT(job(node, {"show", "nothing"}).err, Catch::Contains("there is no job \"nothing\""));
}

TEST_CASE_METHOD(Fixture, "a run that a kill or a stop interrupts goes on at the next start", "[integration]") {
  {
    RunningNode node(start(kLong));
    REQUIRE(node.wait_until_ready());
    post(node, orders_of_many());
    run(node, "learn");
    node.wait_for("/v1/jobs/learn", "\"state\":\"running\"");
    node.kill();
  }
  {
    RunningNode node(start(kLong));
    REQUIRE(node.wait_until_ready());
    node.wait_for("/v1/jobs/learn", "\"resumed\":1");
    CHECK_THAT(newest(node, "learn", false), Catch::StartsWith("learn.1 running taste:"));
    CHECK(node.interrupt().code == 0);
  }
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  CHECK(newest(node, "learn") == "learn.1 succeeded taste:succeeded per_item_file:succeeded");
  const auto runs = json(node.get("/v1/jobs/learn"));
  CHECK(runs["runs"].Size() == 1);
  CHECK(runs["runs"][0]["resumed"].GetInt() == 2);
}

TEST_CASE_METHOD(Fixture, "a run that was due while the node was down is made up for once", "[integration]") {
  {
    RunningNode node(start());
    REQUIRE(node.wait_until_ready());
    node.wait_for("/v1/jobs/dashboard", "\"state\":\"succeeded\"");
    node.kill();
  }
  std::this_thread::sleep_for(2500ms);  // down, while runs are due
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  const auto job = json(node.wait_for("/v1/jobs/dashboard?runs=100", "\"cause\":\"missed\""));
  size_t missed = 0;
  for (const auto& run : job["runs"].GetArray())
    missed += run["cause"] == "missed" ? 1 : 0;
  CHECK(missed == 1);
}

}  // namespace
}  // namespace penstock::test
