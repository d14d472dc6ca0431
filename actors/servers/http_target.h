// Request targets and addresses as text: percent-decoding, query strings, and the URLs and listen addresses that users
// write. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/servers/http_message.h"
#include "core/status.h"

namespace penstock {

struct HttpTarget {
  std::string path;                   // not decoded, begins with `/`
  std::vector<std::string> segments;  // decoded; `/` has none, a trailing `/` adds none
  HttpFields query;                   // decoded, `+` is a space
};

/// From origin form (`/a/b?c=d`) or absolute form (`http://host/a`). Errors: invalid_argument (broken percent-encoding, a
/// zero byte, no leading slash).
Result<HttpTarget> parse_target(std::string_view target);

/// Every byte but letters, digits and `-._~` as %XX: safe as a path segment or query value.
std::string percent_encode(std::string_view text);

struct HttpAddress {
  std::string host;  // name or address, without brackets
  uint16_t port = 0;
};
/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `:8080` (all addresses, 0.0.0.0). Errors: invalid_argument.
Result<HttpAddress> parse_listen_address(std::string_view text);

struct HttpUrl {
  HttpAddress address;
  std::string path;    // without a trailing slash; empty for none
  std::string origin;  // http://127.0.0.1:8080, for messages
};
/// `http://host[:port][/path]`, or without the scheme. Errors: invalid_argument (https is not spoken).
Result<HttpUrl> parse_url(std::string_view text);

}  // namespace penstock
