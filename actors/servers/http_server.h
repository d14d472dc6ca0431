// An HTTP/1.1 server on a few threads of its own. A request is read whole, handed to the handler, and answered whenever
// the handler's Responder is called, by whatever thread; requests of one connection are answered in their order.
//
// What clients cannot do: keep a connection busy for ever (a request has one deadline from its first byte on, however it
// trickles in), send more than the limits, smuggle a second request (ambiguous lengths are refused), or get an answer
// without naming a host (HTTP/1.1). All of these get a problem document and the connection is closed.
#pragma once

#include <memory>
#include <string>

#include "actors/servers/http_message.h"
#include "actors/servers/http_options.h"
#include "core/status.h"

namespace penstock {

class HttpServer {
 public:
  /// Begins to listen and to answer. The handler is called by several threads at once and should not block for long; what
  /// it throws becomes a 500. Errors: already_exists (the port is taken), failed_precondition (not allowed),
  /// invalid_argument (no such address).
  static Result<std::unique_ptr<HttpServer>> listen(HttpOptions options, HttpHandler handler);
  /// Stops without grace. Responders that are still around do nothing from then on.
  ~HttpServer();

  uint16_t port() const;
  /// `http://127.0.0.1:8080`.
  std::string url() const;
  /// Takes no more connections and requests, closes idle connections at once, and waits until all requests under way are
  /// answered, at most `grace`. Not from a handler.
  void stop(Duration grace);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
