// Server `http` as a component: its declaration. The server itself is started by the node, from these properties.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "topology/component_type.h"

namespace penstock {

struct ListenAddress {
  std::string host;   // a name, or an address; IPv6 without its brackets
  uint16_t port = 0;  // 0: any that is free
};

/// `127.0.0.1:8080`, `localhost:8080`, `[::1]:8080`.
std::optional<ListenAddress> parse_listen(const std::string& text);

topology::ComponentType http_type();

}  // namespace penstock
