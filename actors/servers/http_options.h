// How the HTTP server is set up: what the `http` component of a topology declares, and limits that keep clients from
// using it up.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/units.h"

namespace penstock {

namespace topology {
struct Component;
}

struct HttpOptions {
  std::string address = "127.0.0.1";  // IPv4, IPv6 without brackets, or a name
  uint16_t port = 0;                  // 0: any that is free
  int threads = 2;                    // handlers run on them
  uint64_t max_body = 8 << 20;
  uint32_t max_header = 16 << 10;
  uint32_t max_connections = 4096;       // further ones are answered 503
  Duration request_timeout{30'000'000};  // first byte of a request to its answer
  Duration write_timeout{30'000'000};    // for the client to take the answer
  Duration idle_timeout{75'000'000};     // between requests of a kept connection
  /// Told of answers that the server gave by itself, as 400 for a malformed request. Any thread.
  std::function<void(int status)> on_refused = {};
};

/// From a server of type `http` that was checked.
HttpOptions http_options(const topology::Component& component);

}  // namespace penstock
