#include "actors/servers/http_server.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "actors/servers/http_client.h"
#include "tests/servers/raw_connection.h"
#include "tests/support/http.h"

namespace penstock {
namespace {

using test::RawConnection;

std::unique_ptr<HttpServer> serve(HttpHandler handler, HttpOptions options = {}) {
  auto server = HttpServer::listen(std::move(options), std::move(handler));
  REQUIRE(server.ok());
  return *std::move(server);
}

void echo(const HttpRequest& request, const Responder& respond) {
  respond({200, "text/plain", request.method + " " + request.target + " " + request.body});
}

/// Requests whose answers a test gives when it likes.
class Waiting {
 public:
  HttpHandler handler() {
    return [this](HttpRequest, Responder respond) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(respond));
      arrived_.notify_all();
    };
  }
  Responder next() {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return !waiting_.empty(); });
    REQUIRE(!waiting_.empty());
    Responder out = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Responder> waiting_;
};

TEST_CASE("a request reaches the handler whole and its answer the client", "[integration]") {
  std::optional<HttpRequest> seen;
  const auto server = serve([&](HttpRequest request, const Responder& respond) {
    seen = std::move(request);
    respond({201, "text/x", "hello", {{"X-A", "b\r\nc"}}});
  });
  HttpClient client(*parse_url(server->url()));
  const auto answer = client.post("/a%20b/c?n=5&x=%26", "application/json", "{}");
  REQUIRE(answer.ok());
  CHECK(answer->status == 201);
  CHECK(answer->content_type == "text/x");
  CHECK(answer->body == "hello");
  CHECK(std::find(answer->headers.begin(), answer->headers.end(), std::pair<std::string, std::string>{"X-A", "bc"}) !=
        answer->headers.end());
  CHECK(std::any_of(answer->headers.begin(), answer->headers.end(), [](const auto& h) { return h.first == "Date"; }));
  REQUIRE(seen);
  CHECK(seen->method == "POST");
  CHECK(seen->path == "/a%20b/c");
  CHECK(seen->segments == std::vector<std::string>{"a b", "c"});
  CHECK(seen->query == HttpFields{{"n", "5"}, {"x", "&"}});
  CHECK(seen->body == "{}");
  CHECK(seen->header("content-type") == "application/json");
  CHECK(seen->peer.starts_with("127.0.0.1:"));
}

TEST_CASE("pipelined requests are answered in order", "[integration]") {
  const auto server = serve(echo);
  RawConnection connection(server->port());
  std::string requests;
  for (int i = 0; i < 4; ++i)
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  connection.send(requests);
  const std::string text = connection.read_until("GET /3");
  CHECK(test::count(text, "HTTP/1.1 200") == 4);
  CHECK(text.find("GET /0") < text.find("GET /1"));
  CHECK(text.find("GET /2") < text.find("GET /3"));
}

TEST_CASE("HEAD gets the length of the body without the body", "[integration]") {
  const auto server = serve(echo);
  RawConnection connection(server->port());
  connection.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string text = connection.read_to_end();
  CHECK_THAT(text, Catch::Contains("Content-Length: 8\r\n") && Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("HTTP/1.0 is answered and closed, or kept where it asks for that", "[integration]") {
  const auto server = serve(echo);
  RawConnection closed(server->port());
  closed.send("GET / HTTP/1.0\r\n\r\n");
  CHECK_THAT(closed.read_to_end(), Catch::StartsWith("HTTP/1.0 200") && Catch::EndsWith("GET / "));
  RawConnection kept(server->port());
  kept.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK_THAT(kept.read_until("GET /1"), Catch::Contains("keep-alive"));
  kept.send("GET /2 HTTP/1.0\r\n\r\n");
  CHECK_THAT(kept.read_to_end(), Catch::EndsWith("GET /2 "));
}

TEST_CASE("chunked bodies and 100-continue work", "[integration]") {
  const auto server = serve(echo);
  RawConnection connection(server->port());
  connection.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK_THAT(connection.read_until("abcde"), Catch::Contains("POST /c abcde"));
  connection.send("POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  CHECK(connection.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  connection.send("xyz");
  CHECK_THAT(connection.read_until("xyz"), Catch::Contains("POST /e xyz"));
}

TEST_CASE("an answer may come later and from another thread", "[integration]") {
  Waiting waiting;
  const auto server = serve(waiting.handler());
  RawConnection connection(server->port());
  connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  std::thread([respond = waiting.next()] { respond({200, "text/plain", "late"}); }).join();
  CHECK_THAT(connection.read_to_end(), Catch::EndsWith("late"));
}

TEST_CASE("a handler that throws or forgets its request makes a 500", "[integration]") {
  const auto server = serve([](const HttpRequest& request, const Responder&) {
    if (request.path == "/throw")
      throw std::runtime_error("boom");
  });
  const auto thrown = test::http_get(server->port(), "/throw");
  CHECK(thrown.code == 500);
  CHECK_THAT(thrown.body, Catch::Contains("unexpected error: boom"));
  const auto forgotten = test::http_get(server->port(), "/forget");
  CHECK(forgotten.code == 500);
  CHECK_THAT(forgotten.body, Catch::Contains("dropped without an answer"));
}

TEST_CASE("a stop answers what is under way and closes idle connections at once", "[integration]") {
  Waiting waiting;
  const auto server = serve(waiting.handler());
  RawConnection idle(server->port());
  RawConnection busy(server->port());
  busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const Responder respond = waiting.next();
  std::thread stopping([&] { server->stop({10'000'000}); });
  CHECK(idle.read_to_end().empty());  // closed although the other request is still open
  respond({200, "text/plain", "in time"});
  CHECK_THAT(busy.read_to_end(), Catch::Contains("Connection: close") && Catch::EndsWith("in time"));
  stopping.join();
  CHECK(test::http_get(server->port(), "/").code == 0);
}

TEST_CASE("a stop sends away who has connected but was not accepted yet", "[integration]") {
  for (int i = 0; i < 20; ++i) {
    const auto server = serve(echo);
    RawConnection connection(server->port());
    server->stop({10'000'000});
    CHECK(connection.read_to_end().empty());
  }
}

TEST_CASE("a stop ends when its grace ends, and late answers do no harm", "[integration]") {
  Waiting waiting;
  std::optional<Responder> respond;
  {
    const auto server = serve(waiting.handler());
    RawConnection busy(server->port());
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    respond = waiting.next();
    const auto begin = std::chrono::steady_clock::now();
    server->stop({20'000});
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    (*respond)({200, "text/plain", "too late"});
  }
  respond.reset();
}

TEST_CASE("a client that is gone before its answer does no harm", "[integration]") {
  Waiting waiting;
  const auto server = serve(waiting.handler());
  for (int i = 0; i < 3; ++i) {
    RawConnection(server->port()).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    waiting.next()({200, "text/plain", std::string(1 << 20, 'x')});
  }
  RawConnection next(server->port());
  next.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  waiting.next()({200, "text/plain", "fine"});
  CHECK_THAT(next.read_to_end(), Catch::EndsWith("fine"));
}

TEST_CASE("64 kept connections are all served", "[integration]") {
  const auto server = serve(echo);
  std::vector<std::unique_ptr<RawConnection>> connections;
  for (int i = 0; i < 64; ++i)
    connections.push_back(std::make_unique<RawConnection>(server->port()));
  for (int round = 0; round < 2; ++round)
    for (auto& connection : connections) {
      connection->send("GET /r HTTP/1.1\r\nHost: a\r\n\r\n");
      CHECK_THAT(connection->read_until("GET /r"), Catch::Contains("200 OK"));
    }
}

TEST_CASE("a taken port, a foreign address and an unknown name are told apart", "[integration]") {
  const test::TakenPort taken;
  const auto failure = [](const std::string& address, uint16_t port) {
    HttpOptions options;
    options.address = address;
    options.port = port;
    const auto server = HttpServer::listen(options, echo);
    REQUIRE_FALSE(server.ok());
    return server.status().to_string();
  };
  CHECK_THAT(failure("127.0.0.1", taken.port()),
             Catch::StartsWith("already_exists: cannot listen on 127.0.0.1:" + std::to_string(taken.port()) +
                               ": address already in use ("));
  CHECK_THAT(failure("192.0.2.1", 0), Catch::Contains("this machine has no such address"));
  CHECK_THAT(failure("no such host.invalid", 0), Catch::Contains("no such address or host name"));
}

TEST_CASE("the client names what is wrong with the connection", "[integration]") {
  const auto get = [](const std::string& url, Duration timeout = {2'000'000}) {
    const auto answer = HttpClient(*parse_url(url), timeout).get("/");
    return answer.ok() ? std::to_string(answer->status) : answer.status().to_string();
  };
  const std::string nobody = "http://127.0.0.1:" + std::to_string(test::free_port());
  CHECK(get(nobody) == "unavailable: no node answers at " + nobody + ": is `penstock run` running?");
  const test::TakenPort silent;  // listens, never answers
  CHECK_THAT(get("http://127.0.0.1:" + std::to_string(silent.port()), {50'000}),
             Catch::Contains("did not answer within 50ms"));
}

}  // namespace
}  // namespace penstock
