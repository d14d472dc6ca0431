// The personalization system on the real binary: generated sessions and purchases come to what is known of them, in the database and
// the views, though the process is killed again and again.
#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>

#include "tests/support/databases.h"
#include "tests/support/documents.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

std::string text_of(const rapidjson::Value& value) {
  return value.IsNull() ? "NULL" : value.IsInt64() ? std::to_string(value.GetInt64()) : value.GetString();
}

// The columns of each line of training_view.jsonl, or of the file that the job writes, parted by `|`; sorted.
std::string rows_of(const std::string& path, const std::vector<const char*>& columns) {
  std::vector<std::string> rows;
  for (const std::string& line : lines_of(path)) {
    const auto row = parsed(line);
    std::string text;
    for (const char* column : columns)
      text += (text.empty() ? "" : "|") + text_of(row[column]);
    rows.push_back(text + "\n");
  }
  std::sort(rows.begin(), rows.end());
  std::string out;
  for (const std::string& row : rows)
    out += row;
  return out;
}

class Shop {
 public:
  explicit Shop(const std::string& connection) {
    const Finished generated = run_to_end({{PENSTOCK_BINARY, "generate", "--system", "personalization", "--events",
                                            "4000", "--seed", "11", "--dirty", "0.05", "--output", folder_.path()}});
    REQUIRE(generated.code == 0);
    start_ = {.binary = PENSTOCK_BINARY,
              .topology = PENSTOCK_SOURCE_DIR "/config/topologies/personalization.yaml",
              .data_dir = folder_ / "data",
              .environment = {{"PERSONALIZATION", folder_.path()},
                              {"DATABASE_URL", connection},
                              {"PORT", "0"},
                              {"TABLE_WAIT", "10m"},
                              {"SESSION_IDLE", "10m"},
                              {"FEATURE_CACHE", "64KiB"}}};
    restart();
  }

  void restart() {
    node_.reset();
    node_ = std::make_unique<RunningNode>(start_);
    REQUIRE(node_->wait_until_ready());
  }
  RunningNode& node() { return *node_; }
  std::string file(const char* name) const { return folder_ / name; }
  rapidjson::Document truth() const { return parsed(lines_of(file("truth.json"))[0]); }

  // As a client does: what was not acknowledged is sent again. With `kill_after` the node dies while it takes them in, or soon after.
  void send(const char* target, const std::string& body, std::optional<std::chrono::milliseconds> kill_after) {
    std::thread killer;
    const uint16_t port = node_->port();
    if (kill_after)
      killer = std::thread([this, wait = *kill_after] {
        std::this_thread::sleep_for(wait);
        node_->kill();
      });
    const Answer answer = http(port, "POST", target, body, 60s, {"Content-Type: application/x-ndjson"});
    if (killer.joinable()) {
      killer.join();
      restart();
    }
    if (answer.code == 0)
      send(target, body, {});
    else
      CHECK((answer.code == 201 || answer.code == 200));
  }

  /// `lines` at a time; every `kill_every`th time it is killed.
  void send_file(const char* target, const char* name, size_t lines, size_t kill_every) {
    std::string body;
    size_t count = 0, sent = 0;
    const auto flush = [&] {
      ++sent;
      const bool kills = kill_every > 0 && sent % kill_every == 0;
      send(target, body, kills ? std::optional(std::chrono::milliseconds(sent * 7 % 60)) : std::nullopt);
      body.clear();
    };
    for (const std::string& line : lines_of(file(name))) {
      body += line + "\n";
      if (++count % lines == 0)
        flush();
    }
    if (!body.empty())
      flush();
  }

  Finished ask(std::vector<std::string> command) {
    command.insert(command.begin(), PENSTOCK_BINARY);
    command.insert(command.end(), {"--url", "http://127.0.0.1:" + std::to_string(node_->port())});
    return run_to_end({command}, 120s);
  }

 private:
  TemporaryFolder folder_;
  RunningNode::Start start_;
  std::unique_ptr<RunningNode> node_;
};

void comes_to_the_truth(const std::string& connection) {
  const auto database = connect(connection);
  for (const char* table : {"web_sessions", "training_view", "penstock_positions"})
    execute(*database, std::string("DROP TABLE IF EXISTS ") + table);
  Shop shop(connection);
  shop.send_file("/ingest/purchases", "purchases.jsonl", 100, 3);
  shop.send_file("/ingest/web-events", "web_events.jsonl", 200, 3);
  shop.send_file("/ingest/web-events", "closing.jsonl", 100, 1);

  const auto truth = shop.truth();
  const auto number = [&](const char* member) { return std::to_string(truth[member].GetUint64()); };
  const auto count = [&](const std::string& what, const std::string& from) {
    std::string out;  // the table may not be there yet
    (void)database->query("SELECT CAST(" + what + " AS TEXT) FROM " + from, 1,
                          [&](const SociDatabase::Row& row) { return out = row[0].value_or(""), true; });
    return out;
  };
  const auto wait_for = [&](const char* what, const char* from, const std::string& value) {
    for (int i = 0; i < 1200 && count(what, from) != value; ++i)
      std::this_thread::sleep_for(50ms);
    CHECK(count(what, from) == value);
  };
  wait_for("count(*)", "web_sessions", number("documents"));
  CHECK(count("sum(events)", "web_sessions") == number("events"));
  CHECK(count("count(distinct session_id)", "web_sessions") == number("sessions"));
  // A pair's last row has all of its events.
  wait_for("sum(views + purchases)", "training_view", [&] {
    uint64_t sum = 0;
    for (const std::string& line : lines_of(shop.file("training_view.jsonl"))) {
      const auto row = parsed(line);
      sum += row["views"].GetUint64() + row["purchases"].GetUint64();
    }
    return std::to_string(sum);
  }());

  // The job is killed in the middle of its training, and goes on.
  CHECK(shop.node().post("/v1/jobs/retrain/run", "").code == 202);
  shop.node().wait_for("/v1/jobs/retrain", "\"state\":\"running\"");
  shop.node().kill();
  shop.restart();
  CHECK_THAT(shop.node().wait_for("/v1/jobs/retrain", "\"state\":\"succeeded\",\"cause\"", 120s).body,
             Catch::Contains("\"succeeded\""));

  const std::string expected = rows_of(
      shop.file("training_view.jsonl"),
      {"customer_id", "item_id", "views", "purchases", "seconds", "strength", "explicit_rating", "last_interaction"});
  CHECK(rows_of(shop.file("training_set.jsonl"), {"customer_id", "item_id", "views", "purchases", "seconds", "strength",
                                                  "explicit_rating", "last_interaction"}) == expected);
  // What the table says, but for the strength, which it has as the implicit rating.
  std::vector<std::string> rows;
  std::istringstream table(
      ask(*database, 6,
          "SELECT customer_id, item_id, CAST(views AS TEXT), CAST(purchases AS TEXT), CAST(seconds AS "
          "TEXT), CAST(explicit_rating AS TEXT) FROM training_view"));
  for (std::string row; std::getline(table, row);)
    rows.push_back(row + "\n");
  std::sort(rows.begin(), rows.end());
  std::string in_table;
  for (const std::string& row : rows)
    in_table += row;
  CHECK(in_table == rows_of(shop.file("training_view.jsonl"),
                            {"customer_id", "item_id", "views", "purchases", "seconds", "explicit_rating"}));
  CHECK(count("count(*)", "training_view WHERE birth_year IS NULL OR region IS NULL") == "0");

  // Features of customers that memory has no room for are on disk: none is missing. The eight closing events count in them.
  const auto features = parsed(shop.node().get("/v1/views/customer_features?limit=10000").body);
  uint64_t views = 0, purchases = 0;
  for (const auto& row : features["rows"].GetArray()) {
    views += row["views"].GetUint64();
    purchases += row["purchases"].GetUint64();
  }
  CHECK(std::to_string(purchases) == count("sum(purchases)", "training_view"));
  CHECK(std::to_string(views - 8) == count("sum(views)", "training_view"));

  const Finished agrees = shop.ask({"reconcile", "training_view"});
  INFO(agrees.out << agrees.err);
  CHECK(agrees.code == 0);
  // A customer without any history is answered by demographics.
  std::ofstream(shop.file("customers.jsonl"), std::ios::app)
      << R"({"customer_id":"fresh","birth_year":1990,"gender":"f","segment":"gold","region":"north","interests":"garden"})"
      << "\n";
  shop.node().wait_for("/v1/views/profiles/fresh", "garden");
  CHECK_THAT(shop.node().wait_for("/v1/users/fresh/recommendations?n=3", "\"strategy\":\"taste\"").body,
             Catch::Contains("\"fallback\":false"));
  CHECK_THAT(shop.node().get("/v1/features/customer_features/c1").body, Catch::Contains("\"per_category\":{"));
  CHECK(shop.node().interrupt().code == 0);
}

}  // namespace

TEST_CASE("sessions and purchases come to the known training view through kills, in either database", "[integration]") {
  const TemporaryFolder folder;
  for (const std::string& connection : connections(folder.path())) {
    INFO(connection);
    comes_to_the_truth(connection);
  }
}

}  // namespace penstock::test
