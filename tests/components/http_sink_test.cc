#include "actors/sinks/http.h"

#include <catch2/catch.hpp>

#include "tests/components/support.h"

namespace penstock {
namespace {

using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64}, {"name", Type::kString}});

std::string mistakes(const std::string& yaml) {
  return test::mistakes(Role::kSink, "http", yaml, {{"orders", kSchema, false, {}}});
}

TEST_CASE("the http sink's declaration is checked") {
  CHECK(mistakes("url: http://127.0.0.1:9000/hook") == "");
  CHECK_THAT(mistakes("url: 'ftp://somewhere'"), Catch::Contains("wrong-value"));
  CHECK_THAT(mistakes("{url: 'http://a:1', record_id: name}"), Catch::Contains("has a column named name"));
  CHECK_THAT(mistakes("{url: 'http://a:1', backoff_min: 1m}"), Catch::Contains("at least 1m"));
  CHECK_THAT(mistakes("{url: 'http://a:1', batch_rows: 0}"), Catch::Contains("batch_rows"));
}

TEST_CASE("rows that nobody takes at present may be taken later") {
  const test::Made made(Role::kSink, "http", "{url: 'http://127.0.0.1:1/hook', timeout: 1s}",
                        {{"orders", kSchema, false, {}}});
  const SinkPtr sink = made.sink();
  REQUIRE(sink->open("").ok());
  REQUIRE(sink->write(test::rows_at(kSchema, R"({"id":1})", 41)).ok());
  const auto position = sink->sync();
  CHECK(position.status().code() == Code::kUnavailable);
  CHECK_THAT(position.status().message(), Catch::Contains("no receiver answers at http://127.0.0.1:1"));
}

}  // namespace
}  // namespace penstock
