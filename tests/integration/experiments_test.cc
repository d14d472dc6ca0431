// Experiments and bandits through the real binary: answers part users, outcomes come back, and the difference shows.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock {
namespace {

using rapidjson::Document;
using test::Answer;
using test::RunningNode;

Document json_of(const Answer& answer) {
  Document document;
  document.Parse(answer.body.data(), answer.body.size());
  INFO(answer.code << " " << answer.body);
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

struct Shop {
  test::TemporaryFolder folder;
  RunningNode::Start how{
      PENSTOCK_BINARY, PENSTOCK_SOURCE_DIR "/config/topologies/experiment.yaml", folder / "data", {{"PORT", "0"}}};
  int sent = 0;

  std::string event(const std::string& user, const std::string& what) {
    return R"({"event_id":")" + std::to_string(++sent) + R"(","user_id":")" + user + "\"," + what + "}";
  }
  static void post(RunningNode& node, const std::vector<std::string>& events) {
    std::string body = "[";
    for (const std::string& event : events)
      body += (body.size() == 1 ? "" : ",") + event;
    const Answer answer = node.post("/ingest/events", body + "]");
    INFO(answer.body);
    REQUIRE(answer.code == 201);
  }
};

double variant_figure(RunningNode& node, size_t variant, const char* figure) {
  const Document document = json_of(node.get("/v1/experiments/homepage"));
  return document["variants"][static_cast<rapidjson::SizeType>(variant)][figure].GetDouble();
}

TEST_CASE("two variants answer their users, purchases come back, and the uplift shows, also after a kill") {
  Shop shop;
  auto node = std::make_unique<RunningNode>(shop.how);
  REQUIRE(node->wait_for("/live", "alive").code == 200);
  // Two groups of users with items of their own, so that both models have something to say.
  std::vector<std::string> history;
  for (int user = 0; user < 40; ++user)
    for (int item = 0; item < 10; ++item)
      if ((item + user) % 7 != 0)
        history.push_back(shop.event("u" + std::to_string(user),
                                     R"("event":"view","item_id":"i)" + std::to_string(item + 10 * (user % 2)) + "\""));
  Shop::post(*node, history);
  for (const char* model : {"popular", "taste"}) {
    const Answer begun = node->post("/v1/models/" + std::string(model) + "/train", "");
    CHECK((begun.code == 202 || begun.code == 409));
    REQUIRE(node->wait_for("/v1/models/" + std::string(model), R"("version":)").code == 200);
  }
  REQUIRE(node->wait_for("/v1/users/u0/recommendations?n=3&model=taste", R"("taste")").code == 200);

  int personal = 0;
  std::vector<std::string> bought;
  for (int user = 0; user < 40; ++user) {
    const std::string name = "u" + std::to_string(user), target = "/v1/users/" + name + "/recommendations?n=3";
    const Document answer = json_of(node->get(target));
    const std::string variant = answer["variant"].GetString();
    CHECK(answer["experiment"].GetString() == std::string("homepage"));
    CHECK(json_of(node->get(target + "&model=homepage"))["variant"].GetString() == variant);  // sticky
    CHECK(answer["impression"].GetStringLength() > 8);
    personal += variant == "personal";
    REQUIRE(answer["items"].Size() > 0);
    if (variant == "personal" || user % 8 == 0)
      bought.push_back(shop.event(name, std::string(R"("event":"purchase","price":10,"item_id":")") +
                                            answer["items"][0]["item"].GetString() + "\""));
  }
  CHECK(personal > 10);
  CHECK(personal < 30);
  REQUIRE(node->wait_for("/v1/experiments/homepage", R"("users":)" + std::to_string(40 - personal)).code == 200);
  Shop::post(*node, bought);
  REQUIRE(node->wait_for("/v1/experiments", R"("converted":)" + std::to_string(personal)).code == 200);

  const Document shown = json_of(node->get("/v1/experiments/homepage"));
  const auto& metric = shown["variants"][1]["metrics"]["conversion"];
  CHECK(metric["value"].GetDouble() == 1);
  CHECK(metric["difference"]["low"].GetDouble() > 0);
  CHECK(metric["p_value"].GetDouble() < 0.001);
  CHECK_FALSE(shown["sample_ratio"]["mismatch"].GetBool());
  CHECK(variant_figure(*node, 1, "value") == 10.0 * personal);
  CHECK(node->get("/v1/views/homepage/personal").body.find(R"("converted":)" + std::to_string(personal)) !=
        std::string::npos);
  CHECK(node->get("/metrics").body.find("penstock_experiment") != std::string::npos);
  CHECK(node->get("/v1/experiments/homepag").body.find("homepage") != std::string::npos);

  const double impressions = variant_figure(*node, 0, "impressions");
  node->kill();
  node = std::make_unique<RunningNode>(shop.how);
  REQUIRE(node->wait_for("/v1/experiments/homepage", R"("converted":)" + std::to_string(personal)).code == 200);
  CHECK(variant_figure(*node, 0, "impressions") == impressions);
  CHECK(variant_figure(*node, 1, "value") == 10.0 * personal);
  CHECK(node->interrupt().code == 0);
}

TEST_CASE("a bandit learns from clicks which banner pays, and its choices can be made again") {
  Shop shop;
  shop.how.environment["BANNER_WITHIN"] = "100ms";
  RunningNode node(shop.how);
  REQUIRE(node.wait_for("/v1/views/banner", "rows").code == 200);
  const auto choose = [&](const std::string& body) { return node.post("/v1/models/banner/choose", body); };
  const std::string phone = R"("context":{"device":"phone","hour":9,"city":"Rome"})";
  std::set<std::string> arms;
  for (int round = 0; round < 150; ++round) {
    const Document choice = json_of(choose(R"({"user":"u)" + std::to_string(round % 9) + "\"," + phone + "}"));
    REQUIRE(choice["logged"].GetBool());
    const std::string arm = choice["arm"].GetString();
    arms.insert(arm);
    CHECK(choice["propensity"].GetDouble() >= 0.1 / 3);
    if (arm == "new_arrivals")
      Shop::post(node, {shop.event("u1", R"("event":"click","decision":")" +
                                             std::string(choice["decision"].GetString()) + "\"")});
  }
  CHECK(arms.size() == 3);
  // What nobody clicked counts as nothing earned as soon as both logs have gone on.
  const Document after = json_of(choose("{" + phone + "}"));
  CHECK(after["learnt"].GetInt() > 50);
  for (const auto& arm : after["scores"].GetArray())
    if (arm["arm"].GetString() == std::string("new_arrivals")) {
      CHECK(arm["score"].GetDouble() > 0.6);
      CHECK(arm["propensity"].GetDouble() > 0.8);
    }
  CHECK(choose(R"({"context":{"devise":"phone"}})").body.find(R"(did you mean \"device\")") != std::string::npos);
  CHECK(choose(R"({"arms":["winter_sale"]})").code == 400);
  CHECK(choose(R"({"arm":"summer_sale"})").code == 400);
  CHECK(node.post("/v1/models/taste/choose", "").code == 404);
  const std::string again = R"({"decision":"mine","arms":["summer_sale","free_delivery"]})";
  CHECK(json_of(choose(again))["arm"] == json_of(choose(again))["arm"]);
  CHECK(node.interrupt().code == 0);
}

}  // namespace
}  // namespace penstock
