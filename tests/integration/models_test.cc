// The life cycle of a model through the real program: a worse version is refused, a rollback takes effect, a bad canary is
// rolled back by what its users do, a version goes to another node, trainings are cancelled.
#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

#include "core/random.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopology = R"(
name: shop
schemas:
  event: {user: {type: string, required: true}, item: {type: string, required: true}, at: {type: timestamp, required: true}}
sources:
  shop: {type: http, path: /ingest/shop, schema: event, event_time: at}
models:
  taste:
    type: als
    input: shop
    user: user
    item: item
    train_at_start: false
    factors: ${FACTORS:-8}
    regularization: ${REGULARIZATION:-0.25}
    gate: {margin: "${MARGIN:-0.02}"}
    rollout: {mode: "${MODE:-direct}", canary: 0.5, canary_for: "${CANARY_FOR:-1h}", least_answers: 1}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";

constexpr int kUsers = 200, kItems = 60;

std::string event(int user, int item, int second) {
  std::ostringstream out;
  out << R"({"user":"u)" << user << R"(","item":"i)" << item << R"(","at":"2026-01-01T)" << second / 3600 / 10
      << second / 3600 % 10 << ":" << second / 60 % 60 / 10 << second / 60 % 60 % 10 << ":" << second % 60 / 10
      << second % 60 % 10 << "Z\"},\n";
  return out.str();
}

// Two groups of users; each user has taken about half of the group's half of the items.
std::string history() {
  std::string lines;
  Random random(1);
  for (int round = 0; round < kItems; ++round)
    for (int user = 0; user < kUsers; ++user)
      if (const int item = (round * 7 + user * 3) % kItems; item % 2 == user % 2 && random.below(2) == 0)
        lines += event(user, item, round * 60);
  return lines;
}

struct Fixture {
  TemporaryFolder folder;
  std::string topology = folder.write("shop.yaml", kTopology);

  RunningNode::Start start(std::map<std::string, std::string> environment = {}, const std::string& data = "data") {
    return {.binary = PENSTOCK_BINARY,
            .topology = topology,
            .data_dir = folder / data,
            .environment = std::move(environment)};
  }
  static void post_events(RunningNode& node, const std::string& events) {
    const Answer answer = node.post("/ingest/shop", "[" + events.substr(0, events.rfind(',')) + "]");
    INFO(answer.body);
    REQUIRE(answer.code / 100 == 2);
  }
  static rapidjson::Document json(const Answer& answer) {
    INFO(answer.code << " " << answer.body);
    rapidjson::Document document;
    document.Parse(answer.body.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }
  // Trains and waits; gives the newest version.
  static rapidjson::Document train(RunningNode& node) {
    REQUIRE(node.post("/v1/models/taste/train", "").code == 202);
    for (int look = 0; look < 3000; ++look) {
      const auto model = json(node.get("/v1/models/taste"));
      if (model["progress"].IsNull())
        break;
      (void)node.process().wait(20ms);
    }
    auto versions = json(node.get("/v1/models/taste/versions"));
    rapidjson::Document newest;
    newest.CopyFrom(versions["versions"].GetArray()[versions["versions"].Size() - 1], newest.GetAllocator());
    return newest;
  }
  // `1:archived 2:live`
  static std::string states(RunningNode& node) {
    const auto known = json(node.get("/v1/models/taste/versions"));
    std::string text;
    for (const auto& version : known["versions"].GetArray())
      text += (text.empty() ? "" : " ") + std::to_string(version["version"].GetUint64()) + ":" +
              version["state"].GetString();
    return text;
  }
  static std::vector<std::string> recommended(RunningNode& node, int user, uint64_t* version = nullptr) {
    const auto answer = json(node.get("/v1/users/u" + std::to_string(user) + "/recommendations?n=5"));
    std::vector<std::string> items;
    for (const auto& item : answer["items"].GetArray())
      items.emplace_back(item["item"].GetString());
    if (version != nullptr)
      *version = answer["model"]["version"].IsNull() ? 0 : answer["model"]["version"].GetUint64();
    return items;
  }
  static uint64_t answering(RunningNode& node, int user = 1) {
    uint64_t version = 0;
    (void)recommended(node, user, &version);
    return version;
  }
  static Finished models(RunningNode& node, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {PENSTOCK_BINARY, "models"});
    arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:" + std::to_string(node.port())});
    return run_to_end({.arguments = arguments});
  }
};

const std::map<std::string, std::string> kHopeless = {{"FACTORS", "1"}, {"REGULARIZATION", "1000000"}};

std::map<std::string, std::string> hopeless(std::map<std::string, std::string> more) {
  more.insert(kHopeless.begin(), kHopeless.end());
  return more;
}

TEST_CASE_METHOD(Fixture, "a worse version is refused, and a better one is not", "[integration]") {
  {
    RunningNode node(start());
    REQUIRE(node.wait_until_ready());
    post_events(node, history());
    CHECK(std::string(train(node)["reason"].GetString()) == "the first version");
    CHECK(states(node) == "1:live");
    CHECK(node.interrupt().code == 0);
  }
  {
    RunningNode node(start(kHopeless));
    REQUIRE(node.wait_until_ready());
    CHECK(answering(node) == 1);  // with the parameters it was trained with
    const auto refused = train(node);
    CHECK(std::string(refused["state"].GetString()) == "rejected");
    CHECK_THAT(refused["reason"].GetString(), Catch::Contains(" of version 1, fitted anew without the hold-out") &&
                                                  Catch::Contains("worse by more than the gate's margin"));
    CHECK(refused["metrics"]["ndcg@10"].GetDouble() < refused["metrics"]["live.ndcg@10"].GetDouble());
    CHECK(answering(node) == 1);
    CHECK_THAT(node.get("/v1/models/taste").body, Catch::Contains(R"("message":"version 2 was rejected: ndcg@10 )"));
    CHECK_THAT(node.process().err(), Catch::Contains("version 2 is rejected"));

    const Finished unforced = models(node, {"promote", "taste", "2"});
    CHECK(unforced.code != 0);
    CHECK_THAT(unforced.err, Catch::Contains("version 2 was rejected"));
    CHECK(answering(node) == 1);
    const Finished forced = models(node, {"promote", "taste", "2", "--force"});
    INFO(forced.err);
    CHECK(forced.out == "taste: version 2 is live (promoted by force)\n");
    CHECK(answering(node) == 2);
    const Finished difference = models(node, {"diff", "taste", "1", "2"});
    CHECK_THAT(difference.out, Catch::Contains("regularization") && Catch::Contains("1e+06"));
    CHECK(node.interrupt().code == 0);
  }
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  CHECK(answering(node) == 2);
  const auto better = train(node);
  INFO(better["reason"].GetString());
  CHECK(answering(node) == 3);
  CHECK(states(node) == "1:archived 2:archived 3:live");
}

TEST_CASE_METHOD(Fixture, "a rollback takes effect at once, and lasts", "[integration]") {
  {
    RunningNode node(start());
    REQUIRE(node.wait_until_ready());
    post_events(node, history());
    train(node);
    train(node);
    REQUIRE(answering(node) == 2);
    const auto begun = std::chrono::steady_clock::now();
    const Answer back = node.post("/v1/models/taste/rollback?reason=complaints", "");
    INFO(back.body);
    REQUIRE(back.code == 200);
    CHECK(answering(node) == 1);  // the very next answer
    std::cout << "rollback: "
              << std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count()
              << " ms from the request to the first answer of the version before\n";
    CHECK_THAT(back.body, Catch::Contains(R"("reason":"rolled back by hand: complaints")"));
    node.kill();
  }
  RunningNode node(start());
  REQUIRE(node.wait_until_ready());
  CHECK(answering(node) == 1);
  CHECK(states(node) == "1:live 2:rejected");
  const Finished none = models(node, {"rollback", "taste"});
  CHECK(none.code != 0);
  CHECK_THAT(none.err, Catch::Contains("has no version that was live before"));
  const Finished checked = run_to_end(
      {.arguments = {PENSTOCK_BINARY, "models", "list", "--url", "http://127.0.0.1:" + std::to_string(node.port())}});
  CHECK_THAT(checked.out, Catch::Contains("rejected") && Catch::Contains("complaints"));
  CHECK(node.interrupt().code == 0);
  CHECK(run_to_end({.arguments = {PENSTOCK_BINARY, "check-store", folder / "data"}}).code == 0);
}

TEST_CASE_METHOD(Fixture, "a canary whose users do not take what they are shown is rolled back", "[integration]") {
  {
    RunningNode node(start());
    REQUIRE(node.wait_until_ready());
    post_events(node, history());
    train(node);
    CHECK(node.interrupt().code == 0);
  }
  {
    RunningNode node(start(hopeless({{"MODE", "canary"}, {"MARGIN", "1"}})));  // the gate lets all pass
    REQUIRE(node.wait_until_ready());
    CHECK(std::string(train(node)["state"].GetString()) == "canary");
    node.kill();
  }
  RunningNode node(start(hopeless({{"MODE", "canary"}, {"MARGIN", "1"}})));
  REQUIRE(node.wait_until_ready());
  CHECK(states(node) == "1:live 2:canary");  // after the kill too
  CHECK_THAT(node.get("/metrics").body, Catch::Contains("penstock_model_canary_share{") && Catch::Contains("} 0.5"));
  size_t of_canary = 0;
  std::string later;
  for (int user = 0; user < kUsers; ++user) {
    uint64_t version = 0;
    const auto items = recommended(node, user, &version);
    of_canary += version == 2;
    // Everybody takes one of the first things they are shown that are of their own half.
    const auto own =
        std::ranges::find_if(items, [&](const std::string& item) { return std::stoi(item.substr(1)) % 2 == user % 2; });
    if (version == 1 && own != items.end())
      later += event(user, std::stoi(own->substr(1)), 20'000);
    if (version == 2)
      later += event(user, kItems + user % 2, 20'000);  // nothing that they were shown
    CHECK(answering(node, user) == version);            // sticky
  }
  CHECK(of_canary > 60);
  CHECK(of_canary < 140);
  post_events(node, later);
  const Answer rolled_back = node.wait_for("/v1/models/taste/versions", R"("state":"rejected")", 20s);
  CHECK_THAT(rolled_back.body, Catch::Contains("users take what they are shown: "));
  CHECK(states(node) == "1:live 2:rejected");
  for (int user = 0; user < kUsers; ++user)
    CHECK(answering(node, user) == 1);
}

TEST_CASE_METHOD(Fixture, "a good canary goes live by itself", "[integration]") {
  RunningNode node(start({{"MODE", "canary"}, {"CANARY_FOR", "100ms"}}));
  REQUIRE(node.wait_until_ready());
  post_events(node, history());
  train(node);
  CHECK(states(node) == "1:live");
  CHECK(std::string(train(node)["state"].GetString()) == "canary");
  for (int user = 0; user < 20; ++user)
    (void)answering(node, user);
  CHECK_THAT(node.wait_for("/v1/models/taste", R"("trial":null)", 20s).body,
             Catch::Contains("nothing worse in 100ms as a canary"));
  CHECK(states(node) == "1:archived 2:live");
}

TEST_CASE_METHOD(Fixture, "a version in shadow is compared and shown to nobody", "[integration]") {
  RunningNode node(start({{"MODE", "shadow"}}));
  REQUIRE(node.wait_until_ready());
  post_events(node, history());
  train(node);
  CHECK(std::string(train(node)["state"].GetString()) == "shadow");
  for (int user = 0; user < kUsers; ++user)
    CHECK(answering(node, user) == 1);
  const Answer rollout = node.wait_for("/v1/models/taste/rollout", R"("overlap":1)", 20s);
  CHECK_THAT(rollout.body, Catch::Contains(R"("rank_correlation":1)"));  // the same data, parameters and seed
  const Finished shown = models(node, {"show", "taste"});
  CHECK_THAT(shown.out, Catch::Contains("version 2 is a shadow for 10.0 % of the requests"));
  CHECK_THAT(models(node, {"rollback", "taste"}).out, Catch::Contains("version 2 is rejected"));
  CHECK(node.get("/v1/models/taste/rollout").code == 404);
}

TEST_CASE_METHOD(Fixture, "a version is taken to another node", "[integration]") {
  RunningNode from(start()), to(start({}, "other"));
  REQUIRE(from.wait_until_ready());
  REQUIRE(to.wait_until_ready());
  post_events(from, history());
  train(from);
  const std::string file = folder / "taste.model";
  const Finished out = models(from, {"export", "taste", "1", "--out", file});
  INFO(out.err);
  REQUIRE(out.code == 0);
  const Finished in = models(to, {"import", "taste", file});
  INFO(in.err);
  CHECK(in.out == "taste: version 1 is candidate (imported: version 1 of \"taste\")\n");
  CHECK(models(to, {"promote", "taste", "1"}).code == 0);
  post_events(to, event(1, 3, 1) + event(1, 5, 2));
  CHECK(answering(to) == 1);
  CHECK_THAT(recommended(to, 1), Catch::VectorContains(recommended(to, 1).front()));
  const Finished wrong = models(to, {"import", "taste", topology});
  CHECK(wrong.code != 0);
  CHECK_THAT(wrong.err, Catch::Contains("this is no file of a model version"));
  CHECK(models(to, {"show", "tast"}).err == "penstock: there is no model \"tast\"; did you mean \"taste\"?\n");
}

TEST_CASE_METHOD(Fixture, "a training is cancelled, and the live version stays", "[integration]") {
  RunningNode::Start slow = start({{"FACTORS", "64"}});
  RunningNode node(slow);
  REQUIRE(node.wait_until_ready());
  CHECK(node.post("/v1/models/taste/cancel", "").code == 409);
  post_events(node, history());
  train(node);
  CHECK(models(node, {"train", "taste"}).code == 0);
  (void)models(node, {"cancel", "taste"});  // which may come too late
  CHECK_THAT(node.wait_for("/v1/models/taste", R"("progress":null)", 20s).body, Catch::Contains(R"("state":"live")"));
  CHECK(answering(node) >= 1);
}

}  // namespace
}  // namespace penstock::test
