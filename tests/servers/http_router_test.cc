#include "actors/servers/http_router.h"

#include <catch2/catch.hpp>

#include "actors/servers/http_target.h"

namespace penstock {
namespace {

HttpRouter router() {
  HttpRouter out;
  out.add("GET", "/", 0);
  out.add("GET", "/v1/users/{id}/recommendations", 1);
  out.add("GET", "/v1/views/{name}", 2);
  out.add("GET", "/v1/views/{name}/{key...}", 3);
  out.add("POST", "/v1/models/{name}/train", 4);
  out.add("DELETE", "/v1/views/{name}", 5);
  return out;
}

/// `1 id=u 1`, `404`, or `405 GET, HEAD`.
std::string route(const std::string& method, const std::string& path) {
  const auto found = router().find(method, parse_target(path)->segments);
  if (const auto* wrong = std::get_if<HttpRouter::WrongMethod>(&found))
    return "405 " + wrong->allow;
  if (std::holds_alternative<HttpRouter::NoSuchPath>(found))
    return "404";
  const auto& match = std::get<HttpRouter::Found>(found);
  std::string out = std::to_string(match.route);
  for (const auto& [name, values] : match.parameters) {
    out += " " + name + "=";
    for (size_t i = 0; i < values.size(); ++i)
      out += (i == 0 ? "" : "|") + values[i];
  }
  return out;
}

TEST_CASE("a path finds its route and its parameters, decoded") {
  CHECK(route("GET", "/") == "0");
  CHECK(route("GET", "/v1/users/u%201%2F2/recommendations") == "1 id=u 1/2");
  CHECK(route("POST", "/v1/models/taste/train") == "4 name=taste");
  CHECK(route("GET", "/v1/views/failures/") == "2 name=failures");
}

TEST_CASE("the rest of a path may be one parameter of several segments") {
  CHECK(route("GET", "/v1/views/failures/7") == "3 key=7 name=failures");
  CHECK(route("GET", "/v1/views/failures/a/b%2Fc") == "3 key=a|b/c name=failures");
}

TEST_CASE("HEAD goes where GET goes") {
  CHECK(route("HEAD", "/v1/views/a") == "2 name=a");
  CHECK(route("HEAD", "/v1/models/taste/train") == "405 POST");
}

TEST_CASE("a known path with a wrong method says which are right") {
  CHECK(route("PUT", "/v1/views/a") == "405 DELETE, GET, HEAD");
  CHECK(route("get", "/") == "405 GET, HEAD");
}

TEST_CASE("an unknown path is not found") {
  CHECK(route("GET", "/v1") == "404");
  CHECK(route("GET", "/v1/users//recommendations") == "404");
  CHECK(route("GET", "/v1/users/1/recommendations/2") == "404");
  CHECK(route("GET", "/V1/views/a") == "404");
}

}  // namespace
}  // namespace penstock
