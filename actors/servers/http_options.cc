#include "actors/servers/http_options.h"

#include "actors/servers/http_target.h"
#include "topology/component.h"

namespace penstock {

HttpOptions http_options(const topology::Component& component) {
  HttpOptions options;
  if (const auto listen = parse_listen_address(component.text("listen")); listen.ok()) {
    options.address = listen->host;
    options.port = listen->port;
  }
  options.threads = static_cast<int>(component.integer("threads"));
  options.max_body = component.bytes("max_body").count;
  options.request_timeout = component.duration("request_timeout");
  return options;
}

}  // namespace penstock
