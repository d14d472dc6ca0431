// The example of docs/recommenders.md, run as a user runs it: items, people and events come in over HTTP, a model is trained, and
// the recommender answers users, batches and sessions.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

std::string example() {
  std::ifstream file(PENSTOCK_SOURCE_DIR "/docs/recommenders.md");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string page = text.str(), fence = "```yaml\n";
  const size_t begin = page.find(fence) + fence.size();
  REQUIRE(begin > fence.size());
  return page.substr(begin, page.find("```", begin) - begin);
}

std::string lines(const std::vector<std::string>& records) {
  std::string out = "[";
  for (const std::string& record : records)
    out += (out.size() == 1 ? "" : ",") + record;
  return out + "]";
}

// Items 0 to 39: food and toys by turns, of eight vendors; every tenth sold out; 5 for the north only; 7 for adults.
std::string items() {
  std::vector<std::string> records;
  for (int item = 0; item < 40; ++item)
    records.push_back(R"({"item":"i)" + std::to_string(item) + R"(","category":")" +
                      (item == 7       ? "adult"
                       : item % 2 == 0 ? "food"
                                       : "toys") +
                      R"(","vendor":"v)" + std::to_string(item % 8) + R"(","price":)" + std::to_string(item) +
                      R"(,"stock":)" + (item % 10 == 0 ? "0" : "5") + (item == 5 ? R"(,"region":"north")" : "") + "}");
  return lines(records);
}

// Users of even number buy food, the others toys.
std::string events() {
  std::vector<std::string> records;
  for (int user = 0; user < 60; ++user)
    for (int i = 0; i < 8; ++i)
      records.push_back(R"({"user":"u)" + std::to_string(user) + R"(","item":"i)" +
                        std::to_string((user % 2 + 2 * (user + i * i)) % 40) + R"(","kind":")" +
                        (i % 3 == 0 ? "purchase" : "view") + R"(","at":"2026-01-01T10:00:0)" + std::to_string(i) +
                        "Z\"}");
  return lines(records);
}

struct Shop {
  TemporaryFolder folder;
  RunningNode node{{.binary = PENSTOCK_BINARY,
                    .topology = folder.write("shop.yaml", example()),
                    .data_dir = folder / "data",
                    .environment = {{"PORT", "0"}}}};

  Shop() {
    (void)node.process().wait_for_output("listening on", std::chrono::seconds(30));
    INFO(node.process().err());
    REQUIRE(node.post("/ingest/items", items()).code == 201);
    REQUIRE(node.post("/ingest/persons", R"([{"user":"u1","region":"north"},{"user":"u3","region":"south"}])").code ==
            201);
    REQUIRE(node.post("/ingest/events", events()).code == 201);
    for (const char* model : {"taste", "bestsellers"}) {
      (void)node.post(std::string("/v1/models/") + model + "/train", "");
      const Answer trained = node.wait_for(std::string("/v1/models/") + model, R"("state":"live")");
      INFO(trained.body);
      REQUIRE(trained.body.find(R"("state":"live")") != std::string::npos);
    }
  }

  rapidjson::Document ask(const Answer& answer) {
    INFO(answer.code << " " << answer.body);
    REQUIRE(answer.code == 200);
    rapidjson::Document document;
    document.Parse(answer.body.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }
};

std::vector<int> numbers(const rapidjson::Value& answer) {
  std::vector<int> out;
  for (const auto& item : answer["items"].GetArray())
    out.push_back(std::stoi(item["item"].GetString() + 1));
  return out;
}

void keeps_rules(const std::vector<int>& answer) {
  std::map<int, int> vendors;
  for (const int item : answer) {
    CHECK(item % 10 != 0);  // in stock
    CHECK(item != 7);
    CHECK(++vendors[item % 8] <= 2);
  }
}

TEST_CASE("the example of the documentation answers users, batches and sessions", "[integration]") {
  Shop shop;
  RunningNode& node = shop.node;

  const auto known = shop.ask(node.get("/v1/users/u1/recommendations?n=6"));
  CHECK(std::string(known["recommender"].GetString()) == "home");
  CHECK(known["models"].HasMember("taste"));
  CHECK_FALSE(known["fallback"].GetBool());
  CHECK(known["items"].Size() == 6);
  CHECK(known["items"][0]["because"].IsArray());
  keeps_rules(numbers(known));
  CHECK(shop.ask(node.get("/v1/users/u1/recommendations?n=6"))["cached"].GetBool());

  for (const int item : numbers(shop.ask(node.get("/v1/users/u3/recommendations?n=20"))))
    CHECK(item != 5);  // not delivered to the south
  const auto cheap = numbers(shop.ask(node.get("/v1/users/u1/recommendations?n=4&filter=price%20%3C%209&exclude=i4")));
  CHECK_FALSE(cheap.empty());
  for (const int item : cheap)
    CHECK((item < 9 && item != 4));
  keeps_rules(cheap);
  const auto stranger = shop.ask(node.get("/v1/users/nobody/recommendations?n=3"));
  CHECK(stranger["items"].Size() == 3);
  keeps_rules(numbers(stranger));

  const auto batch = shop.ask(node.post("/v1/recommendations", R"({"users":["u1","u2","nobody"],"n":3})"));
  REQUIRE(batch["answers"].Size() == 3);
  CHECK(std::string(batch["answers"][1]["user"].GetString()) == "u2");
  for (const auto& answer : batch["answers"].GetArray())
    keeps_rules(numbers(answer));

  const auto session =
      shop.ask(node.post("/v1/sessions/recommendations", R"({"items":["i1",{"item":"i3","weight":3}],"n":3})"));
  CHECK(session["user"].IsNull());
  CHECK(session["history"].GetUint64() == 2);
  const auto next = numbers(session);
  keeps_rules(next);
  CHECK(std::find(next.begin(), next.end(), 3) == next.end());

  const auto similar = numbers(shop.ask(node.get("/v1/items/i1/similar?n=5&filter=price%20%3E%2020")));
  CHECK(similar.size() == 5);
  for (const int item : similar)
    CHECK((item > 20 && item % 10 != 0));
}

TEST_CASE("an event is in the next answer, although answers are kept", "[integration]") {
  Shop shop;
  const auto before = numbers(shop.ask(shop.node.get("/v1/users/u2/recommendations?n=5")));
  REQUIRE(before.size() == 5);
  REQUIRE(shop.node
              .post("/ingest/events", R"({"user":"u2","item":"i)" + std::to_string(before.front()) +
                                          R"(","kind":"purchase","at":"2026-01-02T10:00:00Z"})")
              .code == 201);
  const auto after = shop.ask(shop.node.get("/v1/users/u2/recommendations?n=5"));
  CHECK_FALSE(after["cached"].GetBool());
  CHECK(std::string(after["newest_event"].GetString()).starts_with("2026-01-02"));
  const auto items = numbers(after);
  CHECK(std::find(items.begin(), items.end(), before.front()) == items.end());
}

TEST_CASE("wrong questions to a recommender are refused with the place of the mistake", "[integration]") {
  Shop shop;
  const auto refused = [&](const Answer& answer, int code, const std::string& text) {
    INFO(answer.code << " " << answer.body);
    CHECK(answer.code == code);
    CHECK(answer.body.find(text) != std::string::npos);
  };
  RunningNode& node = shop.node;
  refused(node.get("/v1/users/u1/recommendations?filter=prize%20%3C%209"), 400,
          R"(the filter, at byte 0: there is no column \"prize\"; did you mean price?)");
  refused(node.get("/v1/users/u1/recommendations?filter=price"), 400, "a condition must be bool");
  refused(node.get("/v1/users/u1/recommendations?model=taste&filter=price%20%3C%209"), 400, "takes no filter");
  refused(node.get("/v1/users/u1/recommendations?model=hom"), 404, R"(did you mean \"home\"?)");
  refused(node.post("/v1/recommendations", R"({"users":["u1"],"filter":"1 +"})"), 400, "at byte 3: syntax error");
  refused(node.post("/v1/recommendations", R"({"users":[]})"), 400, "/users");
  refused(node.post("/v1/recommendations", R"({"users":["u1"],"model":"hom"})"), 404, R"(did you mean \"home\"?)");
  refused(node.post("/v1/sessions/recommendations", R"({"items":"i1"})"), 400, "/items");
}

}  // namespace
}  // namespace penstock::test
