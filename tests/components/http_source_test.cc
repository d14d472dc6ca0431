#include <catch2/catch.hpp>

#include "actors/components.h"
#include "config/settings.h"
#include "topology/check.h"

namespace penstock {
namespace {

/// What a check of a topology with these sources says, `line code: text (hint)`, one a line.
std::string mistakes(const std::string& sources, const std::string& servers = "servers: {api: {type: http}}\n") {
  const auto checked =
      topology::check("name: t\nschemas: {order: {id: string, amount: int64, at: timestamp}}\nsources:\n" + sources +
                          servers + "stages: {n: {type: reduce, input: orders, aggregates: {n: count(*)}}}\n",
                      "t.yaml", ".", catalogue(), settings_type(), [](const std::string&) { return std::nullopt; });
  std::string out;
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
    out += std::to_string(diagnostic.place.line) + " " + diagnostic.code + ": " + diagnostic.text +
           (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")") + "\n";
  return out;
}

std::string source(const std::string& properties, const std::string& id = "orders") {
  return "  " + id + ": {type: http, schema: order" + (properties.empty() ? "" : ", ") + properties + "}\n";
}

TEST_CASE("an http source has a path, and may have event time, key, id and the rest") {
  CHECK(mistakes(source("path: /ingest/orders")) == "");
  CHECK(mistakes(source("path: /in, event_time: at, key: id, id: id, dedupe_for: 7d, partitions: 2, "
                        "timestamp_unit: s, max_decoded: 1MiB, retain_for: 1d, max_bytes: 1GiB")) == "");
  CHECK_THAT(mistakes(source("")), Catch::Contains("path"));
}

TEST_CASE("its columns must be in the schema") {
  CHECK_THAT(mistakes(source("path: /in, id: ide")), Catch::Contains("ide") && Catch::Contains("did you mean id"));
  CHECK_THAT(mistakes(source("path: /in, event_time: id")), Catch::Contains("timestamp"));
  CHECK_THAT(mistakes(source("path: /in, key: kay")), Catch::Contains("kay"));
}

TEST_CASE("a path is plain, and none of the API's own") {
  for (const char* path : {"/", "in", "/a//b", "/a/", "/a b", "/a%20b", "/{a}", "/a?b", "/a/../b", "/\u00e4"}) {
    INFO(path);
    CHECK_THAT(mistakes(source("path: \"" + std::string(path) + "\"")),
               Catch::Contains("wrong-value: a path") && Catch::Contains("such as /ingest/orders"));
  }
  for (const char* path : {"/v1", "/v1/orders", "/metrics", "/health", "/ready/x", "/live", "/openapi.json"}) {
    INFO(path);
    CHECK_THAT(mistakes(source("path: " + std::string(path))), Catch::Contains("the API answers at /"));
  }
  CHECK(mistakes(source("path: /v2/orders.new")) == "");
}

TEST_CASE("two sources cannot take records at one path") {
  CHECK(mistakes(source("path: /in") + source("path: /in", "more")) ==
        "5 conflict: the source orders takes records at /in already (give each source a path of its own)\n");
}

TEST_CASE("a topology with an http source needs an HTTP server") {
  CHECK_THAT(mistakes(source("path: /in"), ""),
             Catch::StartsWith("4 no-server: the source orders takes records over HTTP, but the topology has no HTTP "
                               "server (add `servers: {api: {type: http, listen: 127.0.0.1:8080}}`)"));
}

TEST_CASE("a log with a limit must be able to make room") {
  CHECK(mistakes(source("path: /in, max_bytes: 1MiB")) ==
        "4 never-frees: nothing ever drops records of orders, so at max_bytes it stops for good (add retain_for or "
        "retain_bytes)\n");
  CHECK_THAT(mistakes(source("path: /in, max_bytes: 1MiB, retain_bytes: 600KiB, partitions: 2")),
             Catch::StartsWith("4 conflict: retain_bytes keeps up to 1.2MiB in all partitions, and max_bytes is 1MiB"));
  CHECK(mistakes(source("path: /in, max_bytes: 1MiB, retain_bytes: 600KiB")) == "");
  CHECK_THAT(mistakes("  orders: {type: synthetic, max_bytes: 1MiB}\n"), Catch::Contains("never-frees"));
}

}  // namespace
}  // namespace penstock
