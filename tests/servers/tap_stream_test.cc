#include "actors/servers/tap_stream.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <thread>

#include "actors/servers/http_client.h"
#include "actors/servers/http_server.h"
#include "messages/json_lines.h"

namespace penstock {
namespace {

const SchemaPtr kSchema =
    std::make_shared<const Schema>(std::vector<Field>{{"user", Type::kInt64}, {"price", Type::kFloat64}});

BatchPtr rows(const std::string& lines) { return JsonLinesDecoder(kSchema).decode(lines).batch; }

std::string taken(TapStream& stream, bool& ended) {
  ended = false;
  return stream.take(ended);
}

TapOptions where(const std::string& text) {
  TapOptions options;
  auto expression = sql::Expression::compile(text, kSchema);
  REQUIRE(expression.ok());
  options.where = *expression;
  return options;
}

}  // namespace

TEST_CASE("a tap tells rows as events, those that a condition allows and by the columns asked for") {
  TapOptions options = where("price > 10");
  options.columns = {1};
  TapStream stream(std::move(options));
  bool ended = false;
  CHECK(taken(stream, ended) == "");
  stream.put(rows("{\"user\":1,\"price\":20}\n{\"user\":2,\"price\":5}\n{\"user\":3,\"price\":30}\n"));
  CHECK(taken(stream, ended) == "event: row\ndata: {\"price\":20}\n\nevent: row\ndata: {\"price\":30}\n\n");
  CHECK_FALSE(ended);
  CHECK(taken(stream, ended) == "");
}

TEST_CASE("a tap that is full drops what comes and says how much") {
  TapOptions options;
  options.buffer_rows = 2;
  options.columns = {0};
  TapStream stream(std::move(options));
  stream.put(rows("{\"user\":1}\n{\"user\":2}\n{\"user\":3}\n"));  // one batch always finds room
  stream.put(rows("{\"user\":4}\n"));
  stream.put(rows("{\"user\":5}\n{\"user\":6}\n"));
  bool ended = false;
  const std::string text = taken(stream, ended);
  CHECK(text.find("event: dropped\ndata: 3\n\n") != std::string::npos);
  CHECK(text.find("{\"user\":3}") != std::string::npos);
  CHECK(text.find("{\"user\":4}") == std::string::npos);
}

TEST_CASE("a tap ends when as many rows are told as were asked for, and then listens no more") {
  TapOptions options;
  options.limit = 2;
  options.columns = {0};
  TapStream stream(std::move(options));
  auto tap = std::make_shared<int>(0);
  const std::weak_ptr<int> listens = tap;
  stream.hold(std::move(tap));
  stream.put(rows("{\"user\":1}\n{\"user\":2}\n{\"user\":3}\n"));
  bool ended = false;
  CHECK(taken(stream, ended) ==
        "event: row\ndata: {\"user\":1}\n\nevent: row\ndata: {\"user\":2}\n\nevent: end\ndata: 2\n\n");
  CHECK(ended);
  CHECK(listens.expired());
}

TEST_CASE("a condition without a value is told once") {
  TapStream stream(where("10 / price > 1"));
  stream.put(rows("{\"user\":1,\"price\":0}\n{\"user\":2,\"price\":1}\n"));
  stream.put(rows("{\"user\":1,\"price\":0}\n"));
  bool ended = false;
  const std::string text = taken(stream, ended);
  CHECK(text.find("event: error\ndata: where: division by zero") != std::string::npos);
  CHECK(text.find("event: error") == text.rfind("event: error"));
  CHECK(text.find("{\"user\":2,\"price\":1}") != std::string::npos);
}

namespace {

// A server whose every answer is a stream that the test fills.
struct StreamServer {
  StreamServer() {
    auto listening = HttpServer::listen({}, [this](const HttpRequest&, const Responder& respond) {
      HttpResponse answer;
      answer.content_type = "text/event-stream";
      {
        const std::lock_guard lock(mutex);
        stream = std::make_shared<TapStream>(TapOptions{});
        answer.stream = stream;
      }
      asked.notify_all();
      respond(std::move(answer));
    });
    REQUIRE(listening.ok());
    server = *std::move(listening);
  }
  std::shared_ptr<TapStream> wait() {
    std::unique_lock lock(mutex);
    asked.wait_for(lock, std::chrono::seconds(10), [&] { return stream != nullptr; });
    return std::exchange(stream, nullptr);
  }

  std::mutex mutex;
  std::condition_variable asked;
  std::shared_ptr<TapStream> stream;
  std::unique_ptr<HttpServer> server;
};

}  // namespace

TEST_CASE("a stream reaches its client piece by piece, and is let go of when the client goes", "[integration]") {
  StreamServer served;
  std::string got;
  std::thread client([&] {
    HttpClient http(*parse_url(served.server->url()));
    (void)http.stream("/", [&](std::string_view piece) {
      got.append(piece);
      return got.find("\"user\":2") == std::string::npos;
    });
  });
  std::shared_ptr<TapStream> stream = served.wait();
  REQUIRE(stream);
  stream->put(rows("{\"user\":1}\n"));
  stream->put(rows("{\"user\":2}\n"));
  client.join();
  CHECK(got.find("{\"user\":1,\"price\":null}") != std::string::npos);
  const std::weak_ptr<TapStream> held = std::exchange(stream, nullptr);
  for (int i = 0; i < 1000 && !held.expired(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(held.expired());
}

TEST_CASE("a stream ends whole when the server stops, which does not wait for it", "[integration]") {
  StreamServer served;
  Result<HttpResponse> answer = unavailable("not asked");
  std::thread client([&] {
    HttpClient http(*parse_url(served.server->url()));
    answer = http.stream("/", [](std::string_view) { return true; });
  });
  REQUIRE(served.wait());
  served.server->stop(Duration{10'000'000});
  client.join();
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
}

}  // namespace penstock
