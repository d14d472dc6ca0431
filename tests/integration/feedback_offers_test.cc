// The system feedback-offers through the real binary: generated feedback with dirt in it, posted while the process is killed
// again and again; offers are posted to a receiver, customers answer; in the end everything is as the generator's truth says.
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <set>

#include "actors/servers/http_server.h"
#include "messages/timestamp.h"
#include "tests/support/documents.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
using rapidjson::Document;

constexpr int kEvents = 2'500, kParts = 10, kKills = 5;

struct Offer {
  std::string customer, service, segment, at;
  int64_t at_most = 0, percent = 0;
  bool operator==(const Offer&) const = default;
};

/// Takes the posted offers, each as often as it comes.
class Receiver {
 public:
  Receiver() {
    auto server = HttpServer::listen({}, [this](const HttpRequest& request, const Responder& respond) {
      take(request.body);
      respond(HttpResponse{200, "text/plain", ""});
    });
    REQUIRE(server.ok());
    server_ = *std::move(server);
  }
  std::string url() const { return server_->url() + "/offers"; }
  std::map<std::string, Offer> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  bool contradiction() const { return contradiction_; }

 private:
  void take(const std::string& body) {
    Document rows;
    rows.Parse(body.c_str());
    const std::lock_guard lock(mutex_);
    for (const auto& row : rows.GetArray()) {
      const auto text = [&](const char* name) { return std::string(row[name].GetString()); };
      const Offer offer{text("customer_id"), text("service_id"),        text("segment"),
                        text("at"),          row["at_most"].GetInt64(), row["percent"].GetInt64()};
      const auto [known, is_new] = taken_.emplace(text("offer_id"), offer);
      contradiction_ = contradiction_ || !(known->second == offer);
    }
  }

  mutable std::mutex mutex_;
  std::map<std::string, Offer> taken_;
  std::atomic<bool> contradiction_ = false;
  std::unique_ptr<HttpServer> server_;
};

struct FeedbackOffers {
  TemporaryFolder folder;
  Receiver receiver;
  std::unique_ptr<RunningNode> node;
  std::set<std::string> answered;
  int64_t accepted = 0;
  double earned = 0;

  void generate() const {
    const Finished made =
        run_to_end({{PENSTOCK_BINARY, "generate", "--system", "feedback-offers", "--events", std::to_string(kEvents),
                     "--seed", "11", "--dirty", "0.08", "--output", folder.path()}});
    INFO(made.err);
    REQUIRE(made.code == 0);
  }
  void start() {
    node = std::make_unique<RunningNode>(
        RunningNode::Start{.binary = PENSTOCK_BINARY,
                           .topology = PENSTOCK_SOURCE_DIR "/config/topologies/feedback-offers.yaml",
                           .data_dir = folder / "data",
                           .environment = {{"PORT", "0"},
                                           {"OFFERS_URL", receiver.url()},
                                           {"PERSISTED_FILE", folder / "persisted.jsonl"},
                                           {"SUMMARY_FILE", folder / "satisfaction.csv"},
                                           {"RETRY_AFTER", "2s"},
                                           {"PROFILE_WAIT", "1s"},
                                           {"DISCOUNT_WAIT", "1s"}}});
    REQUIRE(node->wait_for("/live", "alive").code == 200);
  }
  void kill_and_start() {
    node->kill();
    start();
  }
  Document post(const std::string& source, const std::string& lines) {
    const Answer answer =
        http(node->port(), "POST", "/ingest/" + source, lines, 30s, {"Content-Type: application/x-ndjson"});
    INFO(answer.code << " " << answer.body);
    REQUIRE((answer.code / 100 == 2));
    return parsed(answer.body);
  }
  std::string content(const std::string& name) const { return content_of(folder / name); }
  // Every customer answers each offer once; whether it is taken follows from the offer alone.
  void answer_offers() {
    std::string lines;
    for (const auto& [id, offer] : receiver.taken())
      if (answered.insert(id).second) {
        const bool takes = std::hash<std::string>{}(id) % 100 < static_cast<size_t>(offer.percent * 3);
        const double margin = static_cast<double>(100 - offer.percent) / 100;
        accepted += takes;
        earned += takes ? margin : 0;
        lines += R"({"offer_id":")" + id + R"(","accepted":)" + (takes ? "true" : "false") + R"(,"margin":)" +
                 std::to_string(margin) + "}\n";
      }
    if (!lines.empty())
      (void)post("answers", lines);
  }
  Finished reconcile(const std::string& view) {
    return run_to_end(
        {{PENSTOCK_BINARY, "reconcile", view, "--url", "http://127.0.0.1:" + std::to_string(node->port())}});
  }
  void check_offers() const;
  void check_choices();
  void check_summary(int64_t persisted);
};

// Each offer against the files: the customer's segment, and what the discounts table said at the time.
void FeedbackOffers::check_offers() const {
  std::map<std::string, std::string> segments;
  for (const std::string& line : lines_of(folder / "customers.jsonl")) {
    const Document row = parsed(line);
    segments[row["customer_id"].GetString()] = row["segment"].GetString();
  }
  std::map<std::string, std::map<int64_t, int64_t>> discounts;
  for (const std::string& line : lines_of(folder / "discounts.jsonl")) {
    const Document row = parsed(line);
    discounts[row["service_id"].GetString()][parse_timestamp(row["at"].GetString())->micros] =
        row["percent"].GetInt64();
  }
  size_t wrong = 0;
  for (const auto& [id, offer] : receiver.taken()) {
    const auto& of_service = discounts.at(offer.service);
    const auto after = of_service.upper_bound(parse_timestamp(offer.at)->micros);
    const int64_t allowed = after == of_service.begin() ? 0 : std::prev(after)->second;
    wrong += offer.at_most != allowed || offer.percent > allowed || offer.segment != segments.at(offer.customer);
  }
  CHECK(wrong == 0);
  CHECK_FALSE(receiver.contradiction());
}

// The bandit has learnt each answer once.
void FeedbackOffers::check_choices() {
  int64_t trials = 0;
  double reward = 0;
  const Document view = parsed(node->get("/v1/views/choice").body);
  for (const auto& arm : view["rows"].GetArray()) {
    trials += arm["trials"].GetInt64();
    reward += arm["reward"].GetDouble();
  }
  CHECK(trials == static_cast<int64_t>(answered.size()));
  CHECK(reward == Approx(earned));
}

// The job's file against a count of what was persisted.
void FeedbackOffers::check_summary(int64_t persisted) {
  const std::string done = "\"state\":\"succeeded\",\"cause\"";
  REQUIRE(node->post("/v1/jobs/nightly/run", "").code == 202);
  REQUIRE_THAT(node->wait_for("/v1/jobs/nightly", done).body, Catch::Contains(done));
  std::map<std::string, int64_t> services;
  std::set<std::string> ids;
  for (const std::string& line : lines_of(folder / "persisted.jsonl")) {
    const Document row = parsed(line);
    ++services[row["service_id"].GetString()];
    CHECK(ids.insert(row["feedback_id"].GetString()).second);
  }
  CHECK(ids.size() == static_cast<size_t>(persisted));
  std::map<std::string, int64_t> summary;
  const std::vector<std::string> csv = lines_of(folder / "satisfaction.csv");
  for (size_t i = 1; i < csv.size(); ++i)
    summary[csv[i].substr(0, csv[i].find(','))] = std::stoll(csv[i].substr(csv[i].find(',') + 1));
  CHECK(summary == services);
}

TEST_CASE_METHOD(FeedbackOffers, "every feedback is offered, persisted or rejected, whatever kills the process",
                 "[integration]") {
  generate();
  const Document truth = parsed(content("truth.json"));
  const auto count = [&](const char* name) { return truth[name].GetInt64(); };
  const int64_t broken = truth["dirt"]["broken_json"].GetInt64();
  start();
  (void)post("customers", content("customers.jsonl"));
  (void)post("discounts", content("discounts.jsonl"));

  const std::vector<std::string> feedback = lines_of(folder / "feedback.jsonl");
  int64_t taken = 0, refused = 0, repeated = 0;
  for (size_t part = 0; part < kParts; ++part) {
    std::string lines;
    for (size_t i = feedback.size() * part / kParts; i < feedback.size() * (part + 1) / kParts; ++i)
      lines += feedback[i] + "\n";
    const Document answer = post("feedback", lines);
    taken += answer["accepted"].GetInt64();
    refused += answer["rejected"].GetInt64();
    repeated += answer["duplicates"].GetInt64();
    if (part % (kParts / kKills) == 1)
      kill_and_start();
    if (part % 3 == 2)
      answer_offers();
    if (part == kParts / 2)  // all of it again, as a client does that got no answer
      CHECK(post("feedback", lines)["accepted"].GetInt64() == 0);
  }
  CHECK(refused == broken);
  CHECK(repeated == count("duplicates"));
  CHECK(taken == kEvents - broken - count("duplicates"));

  const int64_t offered = count("offers_due"), persisted = count("persisted");
  const std::string balance = "\"received\":" + std::to_string(taken) + ",\"offered\":" + std::to_string(offered) +
                              ",\"persisted\":" + std::to_string(persisted) +
                              ",\"rejected\":" + std::to_string(count("rejected") - broken) + ",\"open\":0";
  CHECK_THAT(node->wait_for("/v1/views/ledger", balance).body, Catch::Contains(balance));

  for (int look = 0; look < 600 && answered.size() < static_cast<size_t>(offered); ++look) {
    answer_offers();
    (void)node->process().wait(50ms);
  }
  CHECK(answered.size() == static_cast<size_t>(offered));
  kill_and_start();
  CHECK_THAT(node->wait_for("/v1/views/delivery", "\"rows\":[]").body, Catch::Contains("\"rows\":[]"));
  int64_t acknowledged = 0;
  const Document deliveries = parsed(node->get("/v1/views/deliveries").body);
  for (const auto& row : deliveries["rows"].GetArray()) {
    acknowledged += row["acknowledged"].GetInt64();
    CHECK(row["waiting"].GetInt64() == 0);
    CHECK(row["expired"].GetInt64() == 0);
  }
  CHECK(acknowledged == offered);
  check_offers();
  check_choices();
  check_summary(persisted);
  for (const char* view : {"ledger", "satisfaction"}) {
    const Finished agrees = reconcile(view);
    CHECK(agrees.code == 0);
    CHECK_THAT(agrees.out, Catch::Contains("agrees with history"));
  }
  CHECK(node->interrupt().code == 0);
}

}  // namespace
}  // namespace penstock::test
