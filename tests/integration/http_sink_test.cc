// The sink `http` of the real program against a receiver that is slow, busy, picky and unreliable.
#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "actors/servers/http_server.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr int kRows = 3'000;

/// Takes posted rows and keeps them by record id; what it answers is up to `answer`, called with the number of the request.
class Receiver {
 public:
  using Answer = std::function<HttpResponse(size_t number, const HttpRequest&)>;
  explicit Receiver(Answer answer) : answer_(std::move(answer)) {
    auto server = HttpServer::listen({}, [this](const HttpRequest& request, const Responder& respond) {
      HttpResponse response = take(request);
      respond(std::move(response));
    });
    REQUIRE(server.ok());
    server_ = *std::move(server);
  }
  std::string url() const { return server_->url() + "/hook"; }

  /// record id → the row's id, of everything it took.
  std::map<std::string, int64_t> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  size_t requests() const { return number_; }
  bool contradiction() const { return contradiction_; }

 private:
  HttpResponse take(const HttpRequest& request) {
    HttpResponse response = answer_(number_++, request);
    if (response.status >= 300)
      return response;
    rapidjson::Document rows;
    rows.Parse(request.body.c_str());
    const std::lock_guard lock(mutex_);
    for (const auto& row : rows.GetArray()) {
      const auto [at, is_new] = taken_.emplace(row["record_id"].GetString(), row["id"].GetInt64());
      contradiction_ = contradiction_ || at->second != row["id"].GetInt64();
    }
    return response;
  }

  Answer answer_;
  std::atomic<size_t> number_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, int64_t> taken_;
  std::atomic<bool> contradiction_ = false;
  std::unique_ptr<HttpServer> server_;
};

struct Shop {
  TemporaryFolder folder;
  std::string topology;

  Shop(const std::string& url, const std::string& more, const std::string& of_source = "") {
    std::string rows;
    for (int i = 0; i < kRows; ++i)
      rows += R"({"id":)" + std::to_string(i) + "}\n";
    folder.write("rows.jsonl", rows);
    topology = folder.write("topology.yaml", R"(
name: hooked
schemas:
  row: {id: {type: int64, required: true}}
sources:
  rows: {type: file, path: rows.jsonl, schema: row, partitions: 2)" +
                                                 of_source +
                                                 R"(}
sinks:
  hook: {type: http, input: rows, url: ")" + url +
                                                 R"(", batch_rows: 100, backoff_min: 5ms, backoff_max: 20ms)" + more +
                                                 R"(}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)");
  }
  RunningNode::Start start() const {
    return {.binary = PENSTOCK_BINARY, .topology = topology, .data_dir = folder / "data"};
  }
};

std::set<int64_t> ids(const std::map<std::string, int64_t>& taken) {
  std::set<int64_t> out;
  for (const auto& [record, id] : taken)
    out.insert(id);
  return out;
}

bool wait_for_rows(const Receiver& receiver, size_t rows) {
  for (int i = 0; i < 600 && receiver.taken().size() < rows; ++i)
    std::this_thread::sleep_for(50ms);
  return receiver.taken().size() == rows;
}

TEST_CASE("the http sink tries again what a busy, slow or restarting receiver does not take", "[integration]") {
  const Receiver receiver([](size_t number, const HttpRequest&) {
    if (number % 7 == 1)
      std::this_thread::sleep_for(300ms);  // longer than the sink's timeout; taken nevertheless
    const int status = number % 5 == 0 ? 503 : number % 5 == 3 ? 429 : 200;
    return HttpResponse{status, "text/plain", ""};
  });
  const Shop shop(receiver.url(), ", timeout: 200ms");
  RunningNode node(shop.start());
  CHECK(wait_for_rows(receiver, kRows));
  CHECK(ids(receiver.taken()).size() == kRows);
  CHECK_FALSE(receiver.contradiction());
  CHECK_THAT(node.get("/metrics").body, Catch::Contains("penstock_sink_retries_total"));
  CHECK(node.interrupt().code == 0);
}

TEST_CASE("the http sink sets aside the rows that its receiver refuses, and delivers the rest", "[integration]") {
  const std::set<int64_t> refused = {0, 99, 100, 1234, 2999};
  const Receiver receiver([&](size_t, const HttpRequest& request) {
    const bool bad = std::any_of(refused.begin(), refused.end(), [&](int64_t id) {
      return request.body.find("\"id\":" + std::to_string(id) + "}") != std::string::npos;
    });
    return HttpResponse{bad ? 422 : 200, "text/plain", bad ? "no such id" : ""};
  });
  const Shop shop(receiver.url(), "");
  RunningNode node(shop.start());
  CHECK(wait_for_rows(receiver, kRows - refused.size()));
  const Answer letters = node.wait_for("/v1/dead-letters?limit=100", "{\\\"id\\\":2999}");
  for (const int64_t id : refused) {
    CHECK_THAT(letters.body, Catch::Contains("{\\\"id\\\":" + std::to_string(id) + "}"));
    CHECK_FALSE(ids(receiver.taken()).contains(id));
  }
  CHECK_THAT(letters.body,
             Catch::Contains("answered 422 Unprocessable Content: no such id") && Catch::Contains("hook"));
  CHECK(node.interrupt().code == 0);
}

TEST_CASE("the http sink delivers every row with the same id across deaths of the process", "[integration]") {
  const Receiver receiver([](size_t, const HttpRequest&) { return HttpResponse{200, "text/plain", ""}; });
  const Shop shop(receiver.url(), "");
  for (size_t life = 1; life <= 4; ++life) {
    RunningNode node(shop.start());
    for (int i = 0; i < 600 && receiver.requests() < life * 5; ++i)
      std::this_thread::sleep_for(2ms);
    node.kill();
  }
  RunningNode node(shop.start());
  CHECK(wait_for_rows(receiver, kRows));
  CHECK(ids(receiver.taken()).size() == kRows);
  CHECK_FALSE(receiver.contradiction());
}

TEST_CASE("the http sink loses nothing while nobody answers, and says so", "[integration]") {
  const uint16_t port = free_port();
  const Shop shop("http://127.0.0.1:" + std::to_string(port) + "/hook", "");
  RunningNode node(shop.start());
  const Answer status = node.wait_for("/v1/status", "retrying");
  CHECK_THAT(status.body, Catch::Contains("no receiver answers"));
  CHECK_THAT(node.get("/v1/dead-letters?limit=10").body, !Catch::Contains("\"record\""));
  CHECK(node.interrupt().code == 0);
}

// The value of the counter of records that the sink never saw; empty before there are any.
std::string lost(const std::string& metrics) {
  const size_t series = metrics.find("\npenstock_component_lost_events_total{");
  if (series == std::string::npos)
    return "";
  const size_t value = metrics.find("} ", series) + 2;
  return metrics.substr(value, metrics.find('\n', value) - value);
}

TEST_CASE("the http sink tells once of rows that retention drops before it could deliver any", "[integration]") {
  const uint16_t port = free_port();
  const Shop shop("http://127.0.0.1:" + std::to_string(port) + "/hook", "", ", retain_for: 1s");
  {
    RunningNode node(shop.start());
    CHECK(node.wait_until_ready());
    std::string told;
    for (int i = 0; i < 600 && told != std::to_string(kRows); ++i) {
      std::this_thread::sleep_for(50ms);
      told = lost(node.get("/metrics").body);
    }
    CHECK(told == std::to_string(kRows));
    node.kill();
  }
  RunningNode node(shop.start());
  CHECK(node.wait_until_ready());
  CHECK(lost(node.get("/metrics").body).empty());
  CHECK(node.interrupt().code == 0);
}

}  // namespace
}  // namespace penstock::test
