#include "actors/servers/http_target.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

/// `a|b c ?n=5&n=6`, or the error.
std::string shown(std::string_view target) {
  const auto parsed = parse_target(target);
  if (!parsed.ok())
    return parsed.status().message();
  std::string text;
  for (const std::string& segment : parsed->segments)
    text += (text.empty() ? "" : "|") + segment;
  for (size_t i = 0; i < parsed->query.size(); ++i)
    text += (i == 0 ? " ?" : "&") + parsed->query[i].first + "=" + parsed->query[i].second;
  return text;
}

TEST_CASE("a target is split first and decoded then") {
  CHECK(shown("/") == "");
  CHECK(shown("/v1/users/u%201%2Fx/recommendations?n=5&exclude=a%26b&n=6+7") ==
        "v1|users|u 1/x|recommendations ?n=5&exclude=a&b&n=6 7");
  CHECK(shown("/a+b") == "a+b");
  CHECK(shown("/a//b/") == "a||b");
  CHECK(shown("/%e4%bd%A0") == "\xe4\xbd\xa0");
  CHECK(shown("/a?") == "a");
  CHECK(shown("/a?x&&y=") == "a ?x=&y=");
  CHECK(shown("/a#b?c") == "a");
}

TEST_CASE("a target in absolute form is taken by its path") {
  CHECK(shown("http://host:80/a?b=c") == "a ?b=c");
  CHECK(shown("http://host") == "");
  CHECK(shown("http://host?b=c") == " ?b=c");
}

TEST_CASE("a wrong target is refused with the reason") {
  CHECK(shown("/50%") == "\"50%\" holds a % that two hexadecimal digits do not follow; write a percent sign as %25");
  CHECK_THAT(shown("/%4"), Catch::Contains("hexadecimal"));
  CHECK_THAT(shown("/?a=%zz"), Catch::Contains("hexadecimal"));
  CHECK_THAT(shown("/a%00b"), Catch::Contains("zero byte"));
  CHECK_THAT(shown("*"), Catch::Contains("does not begin with /"));
  CHECK_THAT(shown(""), Catch::Contains("does not begin with /"));
}

TEST_CASE("percent-encoding and decoding are inverse") {
  std::string all;
  for (int c = 1; c < 256; ++c)
    all += static_cast<char>(c);
  CHECK(shown("/" + percent_encode(all)) == all);
  CHECK(percent_encode("a-b._~/ ?") == "a-b._~%2F%20%3F");
}

TEST_CASE("listen addresses are host and port") {
  const auto listen = [](std::string_view text) {
    const auto address = parse_listen_address(text);
    return address.ok() ? address->host + " " + std::to_string(address->port) : address.status().message();
  };
  CHECK(listen("127.0.0.1:8080") == "127.0.0.1 8080");
  CHECK(listen("[::1]:0") == "::1 0");
  CHECK(listen(":80") == "0.0.0.0 80");
  for (const char* wrong :
       {"", "8080", "host", "host:", "host:x", "host:65536", "host:-1", "::1:80", "[::1", "[::1]80"})
    CHECK_THAT(listen(wrong), Catch::Contains("is no address to listen on: write address:port"));
}

TEST_CASE("URLs of nodes are http only") {
  const auto url = [](std::string_view text) {
    const auto parsed = parse_url(text);
    return parsed.ok() ? parsed->origin + parsed->path : parsed.status().message();
  };
  CHECK(url("http://127.0.0.1:8080/") == "http://127.0.0.1:8080");
  CHECK(url("localhost:1/prefix/") == "http://localhost:1/prefix");
  CHECK(url("http://[::1]") == "http://[::1]:80");
  CHECK_THAT(url("https://a"), Catch::Contains("must begin with http://"));
  CHECK_THAT(url("http://"), Catch::Contains("write http://host:port"));
  CHECK_THAT(url("http://a:0"), Catch::Contains("port"));
  CHECK_THAT(url("http://a b"), Catch::Contains("http://host:port"));
}

}  // namespace
}  // namespace penstock
