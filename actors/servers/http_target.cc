#include "actors/servers/http_target.h"

#include <cctype>
#include <charconv>
#include <optional>

namespace penstock {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return invalid_argument("\"" + std::string(text) +
                                "\" holds a % that two hexadecimal digits do not follow; write a percent sign as %25");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0')
      return invalid_argument("the request target holds a zero byte");
    out.push_back(c);
  }
  return out;
}

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return port;
}

/// Splits `host:port`, `[v6]:port`, `host` or `[v6]`. Nothing if it is none of them.
struct HostPort {
  std::string_view host, port;
};
std::optional<HostPort> split_host(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos)
      return std::nullopt;
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':'))
      return std::nullopt;
    return HostPort{text.substr(1, close - 1), rest.empty() ? rest : rest.substr(1)};
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return HostPort{text, {}};
  if (text.find(':') != colon)
    return std::nullopt;
  return HostPort{text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

Result<HttpTarget> parse_target(std::string_view target) {
  if (const size_t scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    const size_t slash = target.find_first_of("/?", scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  target = target.substr(0, target.find('#'));
  const size_t question = target.find('?');
  HttpTarget out;
  out.path = target.substr(0, question);
  if (out.path.empty() && question == 0)
    out.path = "/";
  if (!out.path.starts_with('/'))
    return invalid_argument("the request target \"" + std::string(target) + "\" does not begin with /");
  for (std::string_view rest = std::string_view(out.path).substr(1); !rest.empty();) {
    const size_t slash = rest.find('/');
    PENSTOCK_ASSIGN(std::string segment, percent_decode(rest.substr(0, slash), false));
    out.segments.push_back(std::move(segment));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  if (question == std::string_view::npos)
    return out;
  for (std::string_view rest = target.substr(question + 1); !rest.empty();) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    if (!pair.empty()) {
      const size_t equals = pair.find('=');
      PENSTOCK_ASSIGN(std::string name, percent_decode(pair.substr(0, equals), true));
      std::string value;
      if (equals != std::string_view::npos) {
        PENSTOCK_ASSIGN(value, percent_decode(pair.substr(equals + 1), true));
      }
      out.query.emplace_back(std::move(name), std::move(value));
    }
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) || std::string_view("-._~").find(c) != std::string_view::npos)) {
      out.push_back(c);
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

Result<HttpAddress> parse_listen_address(std::string_view text) {
  const std::optional<HostPort> parts = split_host(text);
  const std::optional<uint16_t> port = parts ? parse_port(parts->port) : std::nullopt;
  if (!port)
    return invalid_argument("\"" + std::string(text) +
                            "\" is no address to listen on: write address:port, such as 127.0.0.1:8080");
  return HttpAddress{parts->host.empty() ? "0.0.0.0" : std::string(parts->host), *port};
}

Result<HttpUrl> parse_url(std::string_view text) {
  const std::string whole(text);
  const auto wrong = [&](std::string_view why) {
    return invalid_argument("\"" + whole + "\" is no URL of a node: " + std::string(why) +
                            ", such as http://127.0.0.1:8080");
  };
  if (const size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    if (text.substr(0, scheme) != "http")
      return wrong("it must begin with http://");
    text.remove_prefix(scheme + 3);
  }
  const size_t slash = text.find('/');
  const std::optional<HostPort> parts = split_host(text.substr(0, slash));
  if (!parts || parts->host.empty() || parts->host.find_first_of(" ?#@%") != std::string_view::npos)
    return wrong("write http://host:port");
  const std::optional<uint16_t> port = parts->port.empty() ? 80 : parse_port(parts->port);
  if (!port || *port == 0)
    return wrong("the port must be 1 to 65535");
  HttpUrl url;
  url.address = {std::string(parts->host), *port};
  if (slash != std::string_view::npos)
    url.path = text.substr(slash);
  while (url.path.ends_with('/'))
    url.path.pop_back();
  const bool v6 = url.address.host.find(':') != std::string::npos;
  url.origin = "http://" + (v6 ? "[" + url.address.host + "]" : url.address.host) + ":" + std::to_string(*port);
  return url;
}

}  // namespace penstock
