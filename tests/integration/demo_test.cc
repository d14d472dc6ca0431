// The demo topology, small, run as a user runs it: it learns, serves, takes events in, stops, goes on, and survives being
// killed without losing or doubling an event.
#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "core/random.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kEvents = 20'000;
constexpr uint64_t kEventsUnderKills = 200'000;

RunningNode::Start small_demo(const std::string& data_dir, uint64_t events = kEvents, uint64_t rate = 0) {
  return {.binary = PENSTOCK_BINARY,
          .topology = PENSTOCK_SOURCE_DIR "/config/topologies/demo.yaml",
          .data_dir = data_dir,
          .environment = {{"PORT", "0"},
                          {"DEMO_USERS", "200"},
                          {"DEMO_ITEMS", "100"},
                          {"DEMO_HISTORY", rate > 0 ? "5000" : "0"},
                          {"DEMO_RATE", std::to_string(rate)},
                          {"DEMO_EVENTS", std::to_string(events)}}};
}

rapidjson::Document json(const Answer& answer) {
  INFO(answer.code << " " << answer.body);
  rapidjson::Document document;
  document.Parse(answer.body.c_str());
  REQUIRE_FALSE(document.HasParseError());
  REQUIRE(document.IsObject());
  return document;
}

std::vector<std::string> recommended(RunningNode& node, const std::string& user) {
  const auto answer = json(node.get("/v1/users/" + user + "/recommendations?n=5"));
  std::vector<std::string> items;
  for (const auto& item : answer["items"].GetArray())
    items.emplace_back(item["item"].GetString());
  return items;
}

std::string purchase(const std::string& id, int user, const std::string& item) {
  return R"({"event_id":)" + id + R"(,"user_id":)" + std::to_string(user) + R"(,"item_id":)" + item +
         R"(,"event":"purchase","price":9.5,"category":"c","vendor":"v","quantity":1,"at":"2026-06-01T00:00:00Z"})";
}

/// item id → events, as the view `item_events` has them.
std::map<int64_t, int64_t> view_counts(RunningNode& node) {
  std::map<int64_t, int64_t> counts;
  const auto rows = json(node.get("/v1/views/item_events?limit=10000"));
  for (const auto& row : rows["rows"].GetArray())
    counts[row["item_id"].GetInt64()] = row["events"].GetInt64();
  return counts;
}

/// The same, recounted from the generator's own file.
std::map<int64_t, int64_t> recount(const TemporaryFolder& folder) {
  const Finished made =
      run_to_end({.arguments = {PENSTOCK_BINARY, "generate", "--users", "200", "--items", "100", "--seed", "7",
                                "--events", std::to_string(kEventsUnderKills), "--out", folder / "market"}});
  INFO(made.err);
  REQUIRE(made.code == 0);
  std::map<int64_t, int64_t> counts;
  std::ifstream events(folder / "market/events.jsonl");
  for (std::string line; std::getline(events, line);) {
    rapidjson::Document event;
    event.Parse(line.c_str());
    ++counts[event["item_id"].GetInt64()];
  }
  return counts;
}

/// Waits until the source has given everything and the view has taken it in.
void wait_until_counted(RunningNode& node) {
  const Answer status = node.wait_for("/v1/status", R"("state":"finished")");
  INFO(status.body << node.process().err());
  REQUIRE_THAT(status.body, Catch::Contains(R"("state":"finished")"));
  const auto sum = [&] {
    int64_t events = 0;
    for (const auto& [item, count] : view_counts(node))
      events += count;
    return events;
  };
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (sum() < static_cast<int64_t>(kEventsUnderKills) && std::chrono::steady_clock::now() < until)
    (void)node.wait_for("/health", "nothing", 50ms);
}

TEST_CASE("the demo learns, serves, folds an event in, stops within two seconds, and goes on", "[integration]") {
  const TemporaryFolder folder;
  const std::string data = folder / "data";
  {
    RunningNode node(small_demo(data));
    const bool ready = node.wait_until_ready();
    INFO(node.process().out() << node.process().err());
    REQUIRE(ready);

    const auto before = recommended(node, "1");
    REQUIRE(before.size() == 5);
    const Answer posted = node.post("/v1/events", purchase("900000001", 1, before.front()));
    INFO(posted.body);
    REQUIRE(posted.code == 201);
    const auto after = recommended(node, "1");
    CHECK(after != before);
    CHECK(std::find(after.begin(), after.end(), before.front()) == after.end());

    const auto stranger = json(node.get("/v1/users/nobody/recommendations"));
    CHECK(stranger["fallback"].GetBool());
    REQUIRE(node.post("/v1/events", purchase("900000002", 999'999, before.front())).code == 201);
    const auto known = json(node.get("/v1/users/999999/recommendations"));
    CHECK_FALSE(known["fallback"].GetBool());
    CHECK(known["history"].GetUint64() == 1);

    CHECK_THAT(node.get("/metrics").body, Catch::Contains("penstock_"));
    CHECK(node.get("/openapi.json").code == 200);
    CHECK(node.process().wait_for_output("NDCG@10", 10s));  // how good the model is, beside
    CHECK(node.process().wait_for_output("most popular", 10s));
    const RunningNode::Stopped stopped = node.interrupt();
    INFO(node.process().out() << node.process().err());
    CHECK(stopped.code == 0);
  }
  RunningNode again(small_demo(data));
  REQUIRE(again.wait_until_ready());
  const auto known = json(again.get("/v1/users/999999/recommendations"));
  CHECK_FALSE(known["fallback"].GetBool());
  const auto models = json(again.get("/v1/models"));
  CHECK(models["models"][0]["live"]["version"].GetUint64() == 1);  // the stored one; nothing was trained anew
  CHECK(again.interrupt().code == 0);
}

TEST_CASE("Ctrl-C ends the demo in good order at any moment", "[integration]") {
  const TemporaryFolder folder;
  for (const auto after : {10ms, 150ms, 400ms, 900ms}) {
    RunningNode node(small_demo(folder / "data", 0, 2000));
    if (after > 10ms)
      (void)node.process().wait_for_output("listening on", 20s);
    (void)node.process().wait(after);
    const RunningNode::Stopped stopped = node.interrupt();
    INFO(after.count() << " ms: " << node.process().err());
    CHECK((stopped.code == 0 || stopped.code == 130));
    CHECK(stopped.took < 2s);
  }
}

TEST_CASE("killed at random moments, the demo's views equal a recount of its input", "[integration]") {
  const TemporaryFolder folder;
  const auto expected = recount(folder);
  Random random(20'260'101);
  int in_the_middle = 0;
  for (int kill = 0; kill < 10; ++kill) {
    RunningNode node(small_demo(folder / "data", kEventsUnderKills));
    (void)node.process().wait_for_output("listening on", 20s);
    (void)node.process().wait(std::chrono::milliseconds(random.below(60)));
    const Answer status = node.get("/v1/status");
    in_the_middle += status.code == 200 && status.body.find(R"("state":"finished")") == std::string::npos;
    node.kill();
  }
  CHECK(in_the_middle >= 3);  // else the test shows nothing
  RunningNode node(small_demo(folder / "data", kEventsUnderKills));
  wait_until_counted(node);
  CHECK(view_counts(node) == expected);
  CHECK(node.interrupt().code == 0);
}

TEST_CASE("a taken port is told, and nothing is lost", "[integration]") {
  const TemporaryFolder folder;
  const TakenPort taken;
  RunningNode::Start start = small_demo(folder / "data");
  start.environment["PORT"] = std::to_string(taken.port());
  RunningNode node(start);
  CHECK(node.process().wait(20s) == 73);
  CHECK_THAT(node.process().err(), Catch::Contains(std::to_string(taken.port())));
}

TEST_CASE("a second process on the same folder is refused, and the first goes on", "[integration]") {
  const TemporaryFolder folder;
  RunningNode first(small_demo(folder / "data"));
  REQUIRE(first.wait_until_ready());
  RunningNode second(small_demo(folder / "data"));
  CHECK(second.process().wait(20s) == 73);
  CHECK_THAT(second.process().err(), Catch::Contains(folder / "data"));
  CHECK(first.get("/health").code == 200);
  CHECK(first.interrupt().code == 0);
}

TEST_CASE("a folder that cannot be written is told", "[integration]") {
  const TemporaryFolder folder;
  for (const std::string& data :
       {std::string("/proc/penstock"), folder.write("a_file", "x"), folder / "a_file/below"}) {
    RunningNode node(small_demo(data));
    const auto code = node.process().wait(20s);
    INFO(data << ": " << node.process().err());
    CHECK((code == 73 || code == 66));
    CHECK_THAT(node.process().err(), Catch::Contains(data));
  }
}

TEST_CASE("a data file that is binary, truncated or lacks a column is told", "[integration]") {
  const TemporaryFolder folder;
  const std::string topology = folder.write("t.yaml",
                                            "name: files\n"
                                            "schemas:\n"
                                            "  row: {id: {type: int64, required: true}, name: string}\n"
                                            "sources:\n"
                                            "  rows: {type: file, path: rows.csv, schema: row}\n"
                                            "models:\n"
                                            "  m: {type: popularity, input: rows, user: id, item: name}\n");
  const std::map<std::string, std::string> wrong = {
      {std::string("\x7f"
                   "ELF\0\0\1\2",
                   8),
       "rows.csv"},
      {"id,nam\n1,a\n", "name"},
      {"id,name\nx,a\ny,b\n", "id"},
  };
  for (const auto& [content, told] : wrong) {
    folder.write("rows.csv", content);
    const Finished finished = run_to_end({.arguments = {PENSTOCK_BINARY, "evaluate", topology}});
    INFO(finished.out << finished.err);
    CHECK(finished.code == 65);
    CHECK_THAT(finished.err, Catch::Contains(told));
  }
}

}  // namespace
}  // namespace penstock::test
