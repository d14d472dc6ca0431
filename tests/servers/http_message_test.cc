#include "actors/servers/http_message.h"

#include <catch2/catch.hpp>
#include <limits>
#include <optional>

#include "actors/servers/http_problem.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

TEST_CASE("a responder answers once, whichever copy is called") {
  std::vector<int> sent;
  {
    const Responder one([&](const HttpResponse& response) { sent.push_back(response.status); });
    const Responder two = one;
    two({201, "text/plain", ""});
    one({202, "text/plain", ""});
  }
  CHECK(sent == std::vector<int>{201});
}

TEST_CASE("a responder that is dropped answers 500") {
  std::vector<int> sent;
  {
    std::optional<Responder> one;
    one.emplace([&](const HttpResponse& response) { sent.push_back(response.status); });
    const Responder two = *one;
    one.reset();
    CHECK(sent.empty());
  }
  CHECK(sent == std::vector<int>{500});
}

TEST_CASE("headers are found whatever their letter case") {
  HttpRequest request;
  request.headers = {{"content-TYPE", "a"}, {"Content-Type", "b"}};
  CHECK(request.header("Content-Type") == "a");
  CHECK_FALSE(request.header("Content"));
}

TEST_CASE("a problem is a document of RFC 9457") {
  const HttpResponse response = problem(not_found("there is no model \"x\""), "/v1/models/x");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  CHECK(
      response.body ==
      R"({"type":"about:blank","title":"Not Found","status":404,"detail":"there is no model \"x\"","instance":"/v1/models/x"})");
  CHECK(
      problem(400, "d", {}, {{"n", "too big"}}).body ==
      R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"d","errors":[{"pointer":"n","detail":"too big"}]})");
}

TEST_CASE("a problem that may pass says when to try again") {
  CHECK(problem(resource_exhausted("full")).headers == HttpFields{{"Retry-After", "1"}});
  CHECK(problem(unavailable("gone")).status == 503);
  CHECK(problem(not_found("x")).headers.empty());
}

TEST_CASE("the JSON writer writes valid JSON whatever it is given") {
  JsonWriter json;
  json.begin_array();
  json.value("a\"\n\xff").value(0.1).value(0.42f).value(std::numeric_limits<double>::quiet_NaN());
  json.value(std::numeric_limits<float>::infinity()).value(true).value(-1).value(uint64_t{18446744073709551615u});
  json.value(Timestamp{0}).raw("{\"x\":1}").null();
  json.end_array();
  CHECK(json.take() ==
        "[\"a\\\"\\n\xef\xbf\xbd\",0.1,0.42,null,null,true,-1,18446744073709551615,\"1970-01-01T00:00:00Z\",{\"x\":1},"
        "null]");
  json.value("again");
  CHECK(json.take() == "\"again\"");
}

}  // namespace
}  // namespace penstock
