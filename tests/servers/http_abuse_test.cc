// What hostile or broken clients do to the HTTP server, over real sockets.
#include <catch2/catch.hpp>
#include <future>
#include <mutex>

#include "actors/servers/http_server.h"
#include "tests/servers/raw_connection.h"

namespace penstock {
namespace {

using test::RawConnection;

struct Fixture {
  std::vector<int> refused;
  std::mutex mutex;
  std::unique_ptr<HttpServer> server;

  void start(HttpOptions options = {}) {
    options.on_refused = [this](int status) {
      const std::lock_guard lock(mutex);
      refused.push_back(status);
    };
    auto listening = HttpServer::listen(std::move(options), [](const HttpRequest& request, const Responder& respond) {
      respond({200, "text/plain", "got " + request.target});
    });
    REQUIRE(listening.ok());
    server = *std::move(listening);
  }

  /// Everything the server says to this, until it closes.
  std::string answer(const std::string& text) {
    RawConnection connection(server->port());
    connection.send(text);
    return connection.read_to_end(std::chrono::seconds(20));
  }
  ~Fixture() { server.reset(); }
};

std::string head(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

TEST_CASE_METHOD(Fixture, "malformed requests get a 400 and a closed connection", "[integration]") {
  start();
  const std::vector<std::string> malformed = {
      "hello\r\n\r\n",
      "GET\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nbroken header\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nName : v\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\x01z\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28),
      "\x16\x03\x01\x02\x01\x01",  // TLS
  };
  for (const std::string& text : malformed) {
    INFO(text);
    const std::string said = answer(text);
    CHECK(head(said) == "HTTP/1.1 400 Bad Request");
    CHECK_THAT(said, Catch::Contains("application/problem+json") && Catch::Contains("Connection: close"));
  }
  const std::lock_guard lock(mutex);
  CHECK(refused == std::vector<int>(malformed.size(), 400));
}

TEST_CASE_METHOD(Fixture, "ambiguous lengths are refused, and nothing behind them is read", "[integration]") {
  start();
  const std::string second = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const char* headers :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"}) {
    INFO(headers);
    const std::string said = answer("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n0\r\n\r\n" + second);
    CHECK(head(said) == "HTTP/1.1 400 Bad Request");
    CHECK(test::count(said, "HTTP/1.1") == 1);
  }
}

TEST_CASE_METHOD(Fixture, "HTTP/1.1 needs one Host header", "[integration]") {
  start();
  CHECK(head(answer("GET / HTTP/1.1\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(head(answer("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
}

TEST_CASE_METHOD(Fixture, "other versions of HTTP are told so", "[integration]") {
  start();
  CHECK(head(answer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) == "HTTP/1.1 505 HTTP Version Not Supported");
}

TEST_CASE_METHOD(Fixture, "a wrong target gets a 400 on a connection that stays", "[integration]") {
  start();
  RawConnection connection(server->port());
  connection.send("GET /50% HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string said = connection.read_until("got /next");
  CHECK(head(said) == "HTTP/1.1 400 Bad Request");
  CHECK_THAT(said, Catch::Contains("HTTP/1.1 200 OK"));
}

TEST_CASE_METHOD(Fixture, "a header that is too large gets a 431", "[integration]") {
  start();
  CHECK(head(answer("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(64 << 10, 'x') + "\r\n\r\n")) ==
        "HTTP/1.1 431 Request Header Fields Too Large");
  CHECK(head(answer("GET /" + std::string(64 << 10, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_CASE_METHOD(Fixture, "a body that is too large gets a 413, announced or not", "[integration]") {
  HttpOptions options;
  options.max_body = 1000;
  start(options);
  CHECK(head(answer("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'))) ==
        "HTTP/1.1 413 Content Too Large");
  CHECK(head(answer("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")) ==
        "HTTP/1.1 413 Content Too Large");
  CHECK(head(answer("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') +
                    "\r\n0\r\n\r\n")) == "HTTP/1.1 413 Content Too Large");
  CHECK(head(answer("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" +
                    std::string(1000, 'x'))) == "HTTP/1.1 200 OK");
}

TEST_CASE_METHOD(Fixture, "half a request and silence gets a 408", "[integration]") {
  HttpOptions options;
  options.request_timeout = {50'000};
  start(options);
  CHECK(head(answer("GET / HTTP/1.1\r\nHost:")) == "HTTP/1.1 408 Request Timeout");
  CHECK(head(answer("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")) == "HTTP/1.1 408 Request Timeout");
}

TEST_CASE_METHOD(Fixture, "a request that trickles in does not defeat the deadline", "[integration]") {
  HttpOptions options;
  options.request_timeout = {100'000};
  start(options);
  RawConnection connection(server->port());
  connection.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  const auto begin = std::chrono::steady_clock::now();
  std::string said;
  while (said.empty() && std::chrono::steady_clock::now() - begin < std::chrono::seconds(10)) {
    connection.send("x");
    said = connection.read_until("\r\n", 1, std::chrono::milliseconds(20));
    if (said == "(open)")
      said.clear();
  }
  CHECK(head(said) == "HTTP/1.1 408 Request Timeout");
}

TEST_CASE_METHOD(Fixture, "a connection that says nothing is closed after the idle time", "[integration]") {
  HttpOptions options;
  options.idle_timeout = {50'000};
  start(options);
  CHECK(answer("").empty());
  const std::string said = answer("GET /once HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK_THAT(said, Catch::EndsWith("got /once"));
}

TEST_CASE("a handler that does not answer in time makes a 503, and its late answer is dropped", "[integration]") {
  HttpOptions options;
  options.request_timeout = {50'000};
  std::mutex mutex;
  std::vector<Responder> kept;
  auto server = HttpServer::listen(options, [&](const HttpRequest&, Responder respond) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
  });
  REQUIRE(server.ok());
  RawConnection connection((*server)->port());
  connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string said = connection.read_to_end();
  CHECK(head(said) == "HTTP/1.1 503 Service Unavailable");
  const std::lock_guard lock(mutex);
  kept.front()({200, "text/plain", "late"});
}

TEST_CASE_METHOD(Fixture, "a client that does not read its answer is let go", "[integration]") {
  HttpOptions options;
  options.write_timeout = {50'000};
  std::promise<void> asked;
  auto big = HttpServer::listen(options, [&](const HttpRequest&, const Responder& respond) {
    asked.set_value();
    respond({200, "text/plain", std::string(64 << 20, 'x')});
  });
  REQUIRE(big.ok());
  RawConnection connection((*big)->port());
  connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  asked.get_future().wait();
  (*big)->stop({60'000'000});  // returns as soon as the connection is given up
  CHECK(connection.read_to_end().size() < (64u << 20));
}

TEST_CASE_METHOD(Fixture, "connections past the limit are told so", "[integration]") {
  HttpOptions options;
  options.max_connections = 2;
  start(options);
  std::vector<std::unique_ptr<RawConnection>> connections;
  for (int i = 0; i < 2; ++i) {
    connections.push_back(std::make_unique<RawConnection>(server->port()));
    connections.back()->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_THAT(connections.back()->read_until("got /"), Catch::Contains("200 OK"));
  }
  CHECK(head(answer("")) == "HTTP/1.1 503 Service Unavailable");
  connections.pop_back();
}

TEST_CASE_METHOD(Fixture, "random bytes crash nothing", "[integration]") {
  start();
  uint64_t state = 42;
  for (int round = 0; round < 50; ++round) {
    std::string text = round % 2 == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n" : "";
    for (int i = 0; i < 200; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      text += static_cast<char>(state >> 56);
    }
    RawConnection connection(server->port());
    connection.send(text + "\r\n\r\n");
    connection.half_close();
    CHECK_THAT(connection.read_to_end(), !Catch::EndsWith("(open)"));
  }
  CHECK_THAT(answer("GET /alive HTTP/1.0\r\n\r\n"), Catch::EndsWith("got /alive"));
}

}  // namespace
}  // namespace penstock
