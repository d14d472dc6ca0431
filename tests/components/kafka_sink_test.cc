#include "actors/sinks/kafka.h"

#include <catch2/catch.hpp>

#include "tests/components/support.h"
#include "tests/support/recording_monitor.h"

namespace penstock {
namespace {

using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64}, {"name", Type::kString}, {"at", Type::kTimestamp}});
const std::string kMinimum = "brokers: localhost:9092\ntopic: out\n";

std::string mistakes(const std::string& more) {
  return test::mistakes(Role::kSink, "kafka", kMinimum + more, {{"orders", kSchema, false, {}}});
}

TEST_CASE("the kafka sink's declaration is checked") {
  CHECK(mistakes("") == "");
  CHECK(mistakes("key: id\npartition: id % 3\ncolumns: {n: name}\nheaders: {h: upper(name)}\ntimestamp: at\n"
                 "compression: zstd\nproperties: {linger.ms: 1}") == "");
  CHECK_THAT(mistakes("key: idd"), Catch::Contains("idd"));
  CHECK_THAT(mistakes("partition: name"), Catch::Contains("int64"));
  CHECK_THAT(mistakes("timestamp: id"), Catch::Contains("timestamp"));
  CHECK_THAT(mistakes("headers: {penstock-id: name}"), Catch::Contains("reserved-name"));
  CHECK_THAT(mistakes("format: raw"), Catch::Contains("a raw payload is one text, but there are 3 columns"));
  CHECK_THAT(mistakes("format: raw\ncolumns: {p: id}"), Catch::Contains("the column p is int64"));
  CHECK(mistakes("format: raw\ncolumns: {p: name}") == "");
  CHECK_THAT(mistakes("compression: brotli"), Catch::Contains("zstd"));
  CHECK_THAT(mistakes("properties: {transactional.id: x}"), Catch::Contains("use exactly_once"));
  CHECK_THAT(mistakes("properties: {acks: 1}"), Catch::Contains("leave it out"));
  CHECK_THAT(mistakes("properties: {lingr.ms: 1}"), Catch::Contains("librdkafka has no setting lingr.ms"));
  CHECK_THAT(mistakes("timeout: 1h"), Catch::Contains("20s"));
  CHECK_THAT(
      test::mistakes(Role::kSink, "kafka", "brokers: localhost:9092\ntopic: a/b", {{"orders", kSchema, false, {}}}),
      Catch::Contains("\"a/b\" is no name of a topic"));
}

TEST_CASE("a broker that does not answer may do so later, and is told of") {
  const test::Made made(Role::kSink, "kafka", "brokers: localhost:1\ntopic: out\ntimeout: 1s",
                        {{"orders", kSchema, false, {}}});
  const SinkPtr sink = made.sink();
  const Status opened = sink->open("");
  CHECK(opened.code() == Code::kUnavailable);
  CHECK_THAT(opened.message(), Catch::Contains("localhost:1") && Catch::Contains("is a broker running there"));
  test::RecordingMonitor monitor;
  const monitoring::Origin origin{"out", "sink", "kafka"};
  sink->report(monitor, origin);
  CHECK(monitor.count("kafka error out broker_transport_failure") > 0);
}

}  // namespace
}  // namespace penstock
