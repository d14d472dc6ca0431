// A request and its answer as plain values, and the Responder that carries an answer back to the client. No library shows
// here: handlers, routers and their tests need no sockets.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;                 // GET, POST, ...
  std::string target;                 // as sent: /v1/users/u%201/recommendations?n=5
  std::string path;                   // target without its query, not decoded
  std::vector<std::string> segments;  // of the path, percent-decoded: {"v1", "users", "u 1", "recommendations"}
  HttpFields query;                   // percent-decoded, in order; a name may be repeated
  HttpFields headers;
  std::string body;
  std::string peer;  // 127.0.0.1:53214

  /// The first header of that name (letter case does not matter), or nothing.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// A body without a known end. Any thread.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// What there is to send now, perhaps nothing; it is not given again. `ended`: nothing more will ever come.
  virtual std::string take(bool& ended) = 0;
  /// What to send when nothing came for a while, so that both sides know of each other; of no meaning to the reader.
  virtual std::string sign_of_life() const = 0;
  /// Calls `wake` whenever there may be something to take. Called once, before the first take().
  virtual void on_more(std::function<void()> wake) = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  HttpFields headers = {};                  // further ones, such as Allow
  std::shared_ptr<HttpStream> stream = {};  // instead of `body`; let go of when it has ended or the client has gone
};

/// Answers one request, once, from any thread; later calls do nothing. Copies share the one answer. If the last copy goes
/// away without an answer the client gets a 500, so that no client waits for ever on a forgotten request.
class Responder {
 public:
  using Send = std::function<void(HttpResponse)>;
  explicit Responder(Send send);
  void operator()(HttpResponse response) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

using HttpHandler = std::function<void(HttpRequest, Responder)>;

/// `Not Found` for 404; empty for a number without a usual phrase.
std::string_view reason_phrase(int status);
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace penstock
