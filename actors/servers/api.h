// The REST API of a node: routes a request, checks its parameters, lets the resource answer, and counts it. Any thread.
#pragma once

#include "actors/servers/api_route.h"
#include "actors/servers/http_message.h"
#include "actors/servers/http_options.h"
#include "actors/servers/http_router.h"
#include "actors/servers/node.h"
#include "core/clock.h"
#include "monitoring/event.h"

namespace penstock {

class Api {
 public:
  /// All three outlive the API, and the API outlives the servers that use its handler.
  Api(Node& node, monitoring::Monitor& monitor, const Clock& clock);

  void handle(HttpRequest request, Responder respond) const;
  HttpHandler handler() const {
    return [this](HttpRequest request, Responder respond) { handle(std::move(request), std::move(respond)); };
  }
  /// The options, with what a server refuses by itself (malformed requests, timeouts) counted too.
  HttpOptions counted(HttpOptions options) const;

 private:
  void dispatch(HttpRequest request, const HttpRouter::Found& found, const Responder& respond) const;
  Responder count(std::string route, Responder respond) const;

  Node& node_;
  monitoring::Monitor& monitor_;
  const Clock& clock_;
  const std::vector<ApiRoute> routes_;  // with those of the node's sources
  HttpRouter router_;
};

}  // namespace penstock
