// Recommendations as a service through the real program: half of the interactions stand in the warehouse, half are posted, dirt
// among them, while the process is killed again and again. What the views, the stored answers and the files say is what is known
// to be true; and what a user has just done counts in the next answer.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "tests/support/documents.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr size_t kPosts = 8;

struct Fixture {
  TemporaryFolder folder;
  std::unique_ptr<RunningNode> node;
  rapidjson::Document truth;

  Fixture() {
    const Finished made = run_to_end({{PENSTOCK_BINARY, "generate", "--system", "als-saas", "--events", "4000",
                                       "--seed", "5", "--dirty", "0.05", "--output", folder / "in"}});
    INFO(made.err);
    REQUIRE(made.code == 0);
    truth = parsed(lines_of(folder / "in/truth.json").at(0));
    fs::create_directory(folder / "warehouse");
    fs::create_directory(folder / "out");
    for (const char* name : {"/products.jsonl", "/users.jsonl"})
      fs::copy(folder.path() + "/in" + name, folder.path() + "/warehouse" + name);
    const std::vector<std::string> all = lines_of(folder / "in/interactions.jsonl");
    std::string stored;
    for (size_t i = 0; i < all.size() / 2; ++i)
      stored += all[i] + "\n";
    folder.write("warehouse/interactions-1.jsonl", stored);
    start("");
  }

  void start(const std::string& faults) {
    node.reset();
    node = std::make_unique<RunningNode>(
        RunningNode::Start{.binary = PENSTOCK_BINARY,
                           .topology = PENSTOCK_SOURCE_DIR "/config/topologies/als-saas.yaml",
                           .data_dir = folder / "data",
                           .environment = {{"PORT", "0"},
                                           {"WAREHOUSE", folder / "warehouse"},
                                           {"RESULTS", folder / "out"},
                                           {"REFRESH", "1d"},
                                           {"FACTORS", "8"},
                                           {"PENSTOCK_FAULTS", faults}}});
    const bool ready = node->wait_until_ready();
    if (!ready && !faults.empty())  // it died of the fault before it was ready
      return start("");
    INFO(node->process().err());
    REQUIRE(ready);
  }

  // Under a key, so that a body that was taken before the process died is not taken again: nor its wrong records.
  void post(const std::string& key, const std::string& body) {
    for (int life = 0; life < 5; ++life) {
      const Answer answer = http(node->port(), "POST", "/api/interactions", body, 20s,
                                 {"Idempotency-Key: " + key, "Content-Type: application/x-ndjson"});
      if (answer.code / 100 == 2)
        return;
      INFO(answer.code << " " << answer.body.substr(0, 300));
      REQUIRE(answer.code == 0);  // it died
      start("");
    }
    FAIL("it died too often");
  }

  void post_second_half() {
    const std::vector<std::string> all = lines_of(folder / "in/interactions.jsonl");
    const size_t from = all.size() / 2, rest = all.size() - from;
    for (size_t round = 0; round < kPosts; ++round) {
      std::string body;
      for (size_t i = rest * round / kPosts; i < rest * (round + 1) / kPosts; ++i)
        body += all[from + i] + "\n";
      post(std::to_string(round), body);
      if (round % 3 == 1) {  // in the midst of what it makes of them
        node->kill();
        start(round == 1 ? "ingest.answer:crash:@2" : "region.commit:crash:@25");
      }
    }
    node->kill();
    start("");
  }

  rapidjson::Document get(const std::string& target) { return parsed(node->get(target).body); }
  rapidjson::Document rows(const std::string& view) { return get("/v1/views/" + view + "?limit=10000"); }
  Finished ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), PENSTOCK_BINARY);
    arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:" + std::to_string(node->port())});
    return run_to_end({arguments}, 120s);
  }

  uint64_t events_of_users() {
    uint64_t events = 0;
    const rapidjson::Document interest = rows("interest");
    for (const auto& row : interest["rows"].GetArray())
      events += row["events"].GetUint64();
    return events;
  }
  uint64_t letters() {
    uint64_t letters = 0;
    const rapidjson::Document summary = get("/v1/dead-letters/summary");
    for (const auto& group : summary["groups"].GetArray())
      letters += group["letters"].GetUint64();
    return letters;
  }

  // Every user has one, those who are deleted an empty one; nothing in them is deleted, and most of it is to the user's taste.
  void check_stored_answers() {
    const rapidjson::Document ready = rows("ready");
    CHECK(ready["rows"].Size() == truth["users"].MemberCount());
    size_t first = 0, to_taste = 0;
    const rapidjson::Document products = rows("products");
    std::map<std::string, std::string> category;
    for (const auto& row : products["rows"].GetArray())
      category[row["product_id"].GetString()] = row["category"].GetString();
    for (const auto& row : ready["rows"].GetArray()) {
      const auto& user = truth["users"][row["user"].GetString()];
      CHECK(row["items"].Empty() == user["deleted"].GetBool());
      for (const auto& item : row["items"].GetArray())
        CHECK_FALSE(truth["products"][item["item"].GetString()]["deleted"].GetBool());
      for (rapidjson::SizeType i = 0; i < std::min<rapidjson::SizeType>(3, row["items"].Size()); ++i) {
        ++first;
        to_taste += category[row["items"][i]["item"].GetString()] == user["taste"].GetString() ? 1 : 0;
      }
    }
    INFO(to_taste << " of " << first);
    CHECK(to_taste * 10 > first * 8);
  }

  void check_files() {
    const Finished exported = ask({"job", "run", "export", "--wait"});
    INFO(exported.out << exported.err);
    CHECK(exported.code == 0);
    CHECK(lines_of(folder / "out/recommendations.jsonl").size() == truth["users"].MemberCount());
    CHECK_THAT(exported.out, Catch::Contains(std::to_string(truth["clean"].GetUint64()) + " rows in"));
  }

  // What a user has just bought counts in the next answer, and is not recommended any more; nobody trains anything for that.
  void check_fold_in() {
    const rapidjson::Document ready = rows("ready");
    for (const auto& row : ready["rows"].GetArray()) {
      if (row["items"].Empty())
        continue;
      const std::string user = row["user"].GetString(), item = row["items"][0]["item"].GetString();
      const std::string target = "/v1/users/" + user + "/recommendations?model=home&n=20";
      const rapidjson::Document before = get(target);
      const Answer taken = http(node->port(), "POST", "/api/interactions",
                                R"({"event_id":"now","user_id":")" + user + R"(","product_id":")" + item +
                                    R"(","kind":"purchase","at":"2026-03-01T10:00:00Z"})",
                                10s, {"Content-Type: application/json"});
      CHECK(taken.code == 201);
      const Answer after = node->wait_for(target, "\"newest_event\":\"2026-03-01T10:00:00Z\"");
      CHECK(parsed(after.body)["history"].GetUint64() == before["history"].GetUint64() + 1);
      CHECK_THAT(after.body, !Catch::Contains("\"item\":\"" + item + "\""));
      // The stored answers follow with the next run of the job.
      CHECK(ask({"job", "run", "refresh", "--wait"}).code == 0);
      const Answer stored =
          node->wait_for("/v1/views/ready/" + user, "\"history\":" + std::to_string(before["history"].GetUint64() + 1));
      CHECK_THAT(stored.body, !Catch::Contains("\"item\":\"" + item + "\""));
      return;
    }
    FAIL("nobody is recommended anything");
  }
};

using Lines = std::map<std::string, std::string>;

Lines products_in(const rapidjson::Document& stats, const rapidjson::Document& products) {
  Lines out;
  for (const auto& row : products["rows"].GetArray())
    out[row["product_id"].GetString()] =
        std::to_string(row["price"].GetDouble()) + (row["deleted"].GetBool() ? " deleted" : "");
  for (const auto& row : stats["rows"].GetArray()) {
    std::string& line = out[row["product_id"].GetString()];
    for (const char* count : {"views", "carts", "purchases", "sold"})
      line += " " + std::to_string(row[count].IsNull() ? 0 : row[count].GetUint64());
  }
  return out;
}

Lines known_products(const rapidjson::Document& truth) {
  Lines out;
  for (const auto& [id, product] : truth["products"].GetObject()) {
    std::string& line = out[id.GetString()];
    line = std::to_string(product["price"].GetDouble()) + (product["deleted"].GetBool() ? " deleted" : "");
    uint64_t events = 0;
    std::string counts;
    for (const char* count : {"views", "carts", "purchases", "sold"}) {
      counts += " " + std::to_string(product[count].GetUint64());
      events += product[count].GetUint64();
    }
    line += events > 0 ? counts : "";
  }
  return out;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "als-saas reaches the known truth through kills, and recommends from it", "[integration]") {
  post_second_half();
  const Lines known = known_products(truth);
  for (int look = 0; look < 1500; ++look) {  // until everything is read
    if (events_of_users() >= truth["clean"].GetUint64() &&
        products_in(rows("product_stats"), rows("products")) == known)
      break;
    (void)node->process().wait(20ms);
  }
  CHECK(events_of_users() == truth["clean"].GetUint64());
  CHECK(letters() == truth["rejected"].GetUint64());
  CHECK(products_in(rows("product_stats"), rows("products")) == known);
  const rapidjson::Document best_sellers = rows("best_sellers"), interest = rows("interest");
  for (const auto& row : best_sellers["rows"].GetArray())
    CHECK(row["bought"].GetUint64() == truth["bought"][row["category"].GetString()].GetUint64());
  for (const auto& row : interest["rows"].GetArray()) {
    const auto& user = truth["users"][row["user_id"].GetString()];
    CHECK(row["events"].GetUint64() == user["events"].GetUint64());
    CHECK(std::string(row["category"].GetString()) == user["last_category"].GetString());
  }
  for (const char* view : {"product_stats", "best_sellers", "interest", "products", "users"}) {
    const Finished reconciled = ask({"reconcile", view});
    INFO(reconciled.out << reconciled.err);
    CHECK(reconciled.code == 0);
  }

  // The nightly job goes on where a kill interrupted it.
  CHECK(node->post("/v1/jobs/retrain/run", "").code == 202);
  node->kill();
  start("");
  const Answer trained = node->wait_for("/v1/jobs/retrain", R"("state":"succeeded","cause":"manual")");
  INFO(trained.body);
  CHECK_THAT(trained.body, Catch::Contains(R"("resumed":1)"));
  check_stored_answers();
  check_files();
  check_fold_in();
}

TEST_CASE("nothing is recommended in advance before anything was learnt, and the job says so", "[integration]") {
  const TemporaryFolder folder;
  RunningNode node({.binary = PENSTOCK_BINARY,
                    .topology = PENSTOCK_SOURCE_DIR "/config/topologies/als-saas.yaml",
                    .data_dir = folder / "data",
                    .environment = {{"PORT", "0"}, {"WAREHOUSE", folder.path()}, {"RESULTS", folder.path()}}});
  REQUIRE(node.wait_until_ready());
  const std::vector<std::string> json = {"Content-Type: application/json"};
  const std::string ann = R"({"user_id":"ann","changed_at":"2026-02-01T10:00:00Z"})";
  CHECK(http(node.port(), "POST", "/api/users", ann, 10s, json).code == 201);
  CHECK(node.wait_for("/v1/views/users/ann", "\"user_id\":\"ann\"").code == 200);
  const Finished run = run_to_end({{PENSTOCK_BINARY, "job", "run", "refresh", "--wait", "--url",
                                    "http://127.0.0.1:" + std::to_string(node.port())}});
  CHECK(run.code != 0);
  CHECK_THAT(run.out, Catch::Contains("precomputed: user ann: recommender \"home\" has nothing to answer with yet"));
  CHECK(node.get("/v1/views/ready/ann").code == 404);
  // Its log is filled by jobs alone.
  CHECK(http(node.port(), "POST", "/v1/events?source=precomputed", "{}", 10s, json).code == 404);
}

}  // namespace penstock::test
