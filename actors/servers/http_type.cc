#include "actors/servers/http_type.h"

#include "actors/servers/http_target.h"

namespace penstock {

topology::ComponentType http_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kServer;
  type.name = "http";
  type.summary = "Answers recommendations, views, status and metrics over HTTP, and takes events in.";
  type.example =
      "api:\n"
      "  type: http\n"
      "  listen: 127.0.0.1:8080\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = {
      {.name = "listen",
       .kind = Kind::kString,
       .meaning = "Address and port to listen on.",
       .default_value = "127.0.0.1:8080"},
      {.name = "events",
       .kind = Kind::kComponent,
       .meaning = "The source whose log takes posted events; default: the only source."},
      {.name = "max_body",
       .kind = Kind::kBytes,
       .meaning = "The largest request body that is taken.",
       .default_value = "8MiB",
       .minimum = 1024,
       .maximum = 1024.0 * 1024 * 1024},
      {.name = "threads",
       .kind = Kind::kInteger,
       .meaning = "How many threads answer requests.",
       .default_value = "2",
       .minimum = 1,
       .maximum = 256},
      {.name = "request_timeout",
       .kind = Kind::kDuration,
       .meaning = "How long a request may take, from its first byte to its answer.",
       .default_value = "30s",
       .minimum = 0.1,
       .maximum = 3600},
  };
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    if (const auto address = parse_listen_address(component.text("listen")); !address.ok())
      context.diagnostics.error(component.place_of("listen"), "wrong-value", address.status().message());
    return topology::Binding{};
  };
  return type;
}

}  // namespace penstock
