#include "actors/servers/http_type.h"

#include <charconv>

namespace penstock {

std::optional<ListenAddress> parse_listen(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos)
    return std::nullopt;
  ListenAddress out;
  out.host = text.substr(0, colon);
  const bool bracketed = out.host.size() > 2 && out.host.front() == '[' && out.host.back() == ']';
  if (bracketed)
    out.host = out.host.substr(1, out.host.size() - 2);
  else if (out.host.empty() || out.host.find_first_of(":[] /") != std::string::npos)
    return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, out.port);
  return error == std::errc() && stop == end ? std::optional(out) : std::nullopt;
}

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
    if (!parse_listen(component.text("listen")))
      context.diagnostics.error(component.place_of("listen"), "wrong-value",
                                "\"" + component.text("listen") + "\" is no address with a port",
                                "write it like 127.0.0.1:8080 or [::1]:8080");
    return topology::Binding{};
  };
  return type;
}

}  // namespace penstock
