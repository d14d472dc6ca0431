#include "actors/sources/kafka.h"

#include <catch2/catch.hpp>

#include "tests/components/support.h"
#include "tests/support/fake_kafka.h"

namespace penstock {
namespace {

using test::mistakes;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"name", Type::kString}, {"part", Type::kInt64}});

std::string wrong(const std::string& yaml) {
  return mistakes(Role::kSource, "kafka", "schema: row\n" + yaml, {}, ".", kSchema);
}

TEST_CASE("the kafka source names what is wrong with its properties") {
  const std::string right = "brokers: localhost:9092\ntopic: orders\n";
  CHECK(wrong(right) == "");
  CHECK(wrong(right + "columns: {part: partition, name: header.name}\nstart: 2024-05-01T00:00:00Z\n") == "");
  using Catch::Contains;
  CHECK_THAT(wrong("brokers: localhost:9o92\ntopic: orders\n"), Contains("is no broker's address"));
  CHECK_THAT(wrong("brokers: ','\ntopic: orders\n"), Contains("broker"));
  CHECK_THAT(wrong("brokers: b:9092\n"), Contains("needs either topic or topics"));
  CHECK_THAT(wrong("brokers: b:9092\ntopic: a b\n"), Contains("is no topic's name"));
  CHECK_THAT(wrong(right + "start: noon\n"), Contains("start cannot be"));
  CHECK_THAT(wrong(right + "columns: {part: partitoin}\n"), Contains("did you mean partition"));
  CHECK_THAT(wrong(right + "columns: {prt: partition}\n"), Contains("part"));
  CHECK_THAT(wrong(right + "columns: {name: offset}\n"), Contains("name"));
  CHECK_THAT(wrong(right + "columns: {id: offset, name: key, part: partition}\n"), Contains("leaves nothing"));
  CHECK_THAT(wrong(right + "properties: {group.id: x}\n"), Contains("follows from group"));
  CHECK_THAT(wrong(right + "properties: {enable.auto.commit: 'true'}\n"), Contains("no record is lost or doubled"));
  CHECK_THAT(wrong(right + "properties: {sesion.timeout.ms: '1'}\n"), Contains("did you mean session.timeout.ms"));
  CHECK_THAT(wrong(right + "properties: {session.timeout.ms: soon}\n"), Contains("session.timeout.ms cannot be"));
  CHECK_THAT(wrong(right + "tls: {ca: nowhere.pem}\n"), Contains("there is no file"));
  CHECK_THAT(wrong(right + "sasl: {mechanism: PLAIN, username: bob}\n"), Contains("password"));
}

class Reading {
 public:
  explicit Reading(KafkaSourceOptions options, std::vector<std::string> payloads) : broker_(0, 1) {
    broker_.heal();
    for (const std::string& payload : payloads)
      broker_.produce(0, payload);
    const SchemaPtr inside = payload_schema(options.schema, options.columns);
    auto group = std::make_unique<KafkaGroup>(
        KafkaGroupOptions{"a", "group", {}},
        [this](bool alone) -> Result<std::unique_ptr<KafkaConsumer>> { return broker_.consumer(alone); }, clock_);
    source_ = std::make_unique<KafkaSource>(std::move(options), std::move(group),
                                            make_payload_decoder(PayloadFormat{}, inside).value());
    REQUIRE(source_->open("").ok());
  }
  SourceRead read() {
    for (int i = 0; i < 10; ++i) {
      broker_.step();
      SourceRead out = source_->read(1 << 20).value();
      if (!out.position.empty())
        return out;
    }
    return {};
  }

 private:
  ManualClock clock_;
  test::FakeKafka broker_;
  std::unique_ptr<KafkaSource> source_;
};

TEST_CASE("the kafka source fills columns from outside the payload") {
  Reading reading({kSchema, {{2, KafkaColumn::From::kOffset, ""}}, false}, {R"({"id":7,"name":"x"})", R"({"id":8})"});
  const SourceRead read = reading.read();
  REQUIRE(read.batch);
  CHECK(read.batch->to_string() == "7|x|0\n8|NULL|1\n");
}

TEST_CASE("the kafka source rejects what it cannot decode with its place, as text or in hexadecimal digits") {
  Reading reading({kSchema, {}, false}, {R"({"id":"a"})", "\xff\xfe", R"({"id":1,"part":2})"});
  const SourceRead read = reading.read();
  REQUIRE(read.batch);
  CHECK(read.batch->to_string() == "1|NULL|2\n");
  REQUIRE(read.rejected.size() == 2);
  CHECK_THAT(read.rejected[0].reason,
             Catch::Contains("topic orders, partition 0, offset 0: ") && Catch::Contains("expected int64"));
  CHECK(read.rejected[0].record == R"({"id":"a"})");
  CHECK(read.rejected[1].record == "hex:fffe");
}

TEST_CASE("the kafka source rejects a record whose key is wanted and missing") {
  Reading reading({kSchema, {{0, KafkaColumn::From::kKey, ""}}, false}, {R"({"name":"x"})"});
  const SourceRead read = reading.read();
  CHECK_FALSE(read.batch);
  REQUIRE(read.rejected.size() == 1);
  CHECK_THAT(read.rejected[0].reason, Catch::Contains("offset 0: id: expected int64, found nothing"));
}

}  // namespace
}  // namespace penstock
