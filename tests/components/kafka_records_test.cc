#include "actors/sinks/kafka_records.h"

#include <catch2/catch.hpp>

#include "messages/protobuf_batch.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

const SchemaPtr kSchema =
    test::schema({{"id", Type::kInt64}, {"name", Type::kString}, {"score", Type::kFloat64}, {"at", Type::kTimestamp}});

sql::Expression compiled(const std::string& text) { return *sql::Expression::compile(text, kSchema); }

KafkaRecordOptions options() {
  KafkaRecordOptions out;
  out.log = "orders";
  out.topic = "out";
  out.schema = kSchema;
  return out;
}

const std::string kRows = R"({"id":7,"name":"a \"b\"","score":0.5,"at":"2024-02-29T12:00:00.25Z"}
{"id":-1}
)";

// `partition key payload time headers`, one record a line; what is not there is `-`.
std::string shown(KafkaRecordOptions how, const BatchPtr& batch, uint32_t partitions = 3) {
  KafkaRecords records(std::move(how));
  std::string out;
  const Status status = records.each(*batch, partitions, [&](const KafkaMessage& message) {
    out += message.partition ? std::to_string(*message.partition) : "-";
    out += " " + std::string(message.key.value_or("-")) + " " + std::string(message.value.value_or("-")) + " " +
           (message.timestamp_ms ? std::to_string(*message.timestamp_ms) : "-");
    for (const KafkaHeader& header : message.headers)
      out += " " + std::string(header.name) + "=" + std::string(header.value);
    out += "\n";
    return ok();
  });
  return status.ok() ? out : out + status.to_string();
}

TEST_CASE("a row becomes a JSON object with its stable id in a header") {
  CHECK(shown(options(), test::rows_at(kSchema, kRows, 41)) ==
        R"(- - {"id":7,"name":"a \"b\"","score":0.5,"at":"2024-02-29T12:00:00.250Z"} - penstock-id=orders/0/41)"
        "\n"
        R"(- - {"id":-1,"name":null,"score":null,"at":null} - penstock-id=orders/0/42)"
        "\n");
}

TEST_CASE("columns, key, partition, time and headers are what the row gives for them") {
  KafkaRecordOptions how = options();
  how.columns = {compiled("id * 2")};
  how.schema = test::schema({{"twice", Type::kInt64}});
  how.key = compiled("name || '!'");
  how.partition = compiled("abs(id) % 3");
  how.headers = {{"score", compiled("score")}, {"high", compiled("score > 1")}};
  how.timestamp = 3;
  CHECK(shown(how, test::rows_at(kSchema, kRows, 0)) ==
        "1 a \"b\"! {\"twice\":14} 1709208000250 penstock-id=orders/0/0 score=0.5 high=false\n"
        "1 - {\"twice\":-2} - penstock-id=orders/0/1\n");
}

TEST_CASE("a row keeps its own key and id when rows before it are left out") {
  KafkaRecordOptions how = options();
  how.columns = {compiled("id")};
  how.schema = test::schema({{"id", Type::kInt64}});
  how.key_columns = {0};
  how.headers = {{"id", compiled("id")}};
  const BatchPtr batch = test::rows_at(kSchema, R"({"id":1}
{"id":2}
{"id":3})",
                                       10);
  CHECK(shown(how, batch->select({0, 2})) ==
        "- 1 {\"id\":1} - penstock-id=orders/0/10 id=1\n"
        "- 3 {\"id\":3} - penstock-id=orders/0/12 id=3\n");
}

TEST_CASE("the key of a view is its column, or a JSON array of several") {
  KafkaRecordOptions how = options();
  how.format = KafkaFormat::kCsv;
  how.key_columns = {1};
  const BatchPtr batch = test::rows_at(kSchema, kRows, 0);
  CHECK(shown(how, batch) ==
        "- a \"b\" 7,\"a \"\"b\"\"\",0.5,2024-02-29T12:00:00.250Z - penstock-id=orders/0/0\n"
        "- - -1,,, - penstock-id=orders/0/1\n");
  how.key_columns = {0, 1};
  CHECK_THAT(shown(how, batch), Catch::Contains("- [7,\"a \\\"b\\\"\"] 7,"));
  CHECK_THAT(shown(how, batch), Catch::Contains("- [-1,null] -1,"));
}

TEST_CASE("a raw payload is the text of one column, and a null leaves a tombstone") {
  KafkaRecordOptions how = options();
  how.format = KafkaFormat::kRaw;
  how.columns = {compiled("name")};
  how.schema = test::schema({{"payload", Type::kString}});
  how.key = compiled("id");
  CHECK(shown(how, test::rows_at(kSchema, kRows, 0)) ==
        "- 7 a \"b\" - penstock-id=orders/0/0\n"
        "- -1 - - penstock-id=orders/0/1\n");
}

TEST_CASE("a Protobuf payload is a batch of one row that reads back") {
  KafkaRecordOptions how = options();
  how.format = KafkaFormat::kProtobuf;
  KafkaRecords records(how);
  std::string out;
  REQUIRE(records
              .each(*test::rows_at(kSchema, kRows, 0), 1,
                    [&](const KafkaMessage& message) {
                      const auto batch = decode_protobuf_batch(*message.value, kSchema);
                      out += batch.ok() ? (*batch)->to_string() : batch.status().to_string();
                      return ok();
                    })
              .ok());
  CHECK(out == "7|a \"b\"|0.5|2024-02-29T12:00:00.250Z\n-1|NULL|NULL|NULL\n");
}

TEST_CASE("a row whose partition is none of the topic's is refused") {
  KafkaRecordOptions how = options();
  how.partition = compiled("id");
  CHECK(shown(how, test::rows_at(kSchema, R"({"id":3})", 0), 3) ==
        "invalid_argument: partition 3 is none of the topic out, which has 0 to 2");
  CHECK_THAT(shown(how, test::rows_at(kSchema, R"({"id":-1})", 0)), Catch::Contains("partition -1 is none"));
  CHECK_THAT(shown(how, test::rows_at(kSchema, R"({"name":"x"})", 0)), Catch::Contains("partition NULL is none"));
  CHECK_THAT(shown(how, test::rows_at(kSchema, R"({"id":2})", 0)), Catch::StartsWith("2 "));
}

TEST_CASE("a row without a value for an expression is refused, and says which") {
  KafkaRecordOptions how = options();
  how.key = compiled("1 / id");
  CHECK_THAT(shown(how, test::rows_at(kSchema, R"({"id":0})", 0)),
             Catch::StartsWith("invalid_argument: key: ") && Catch::Contains("division by zero"));
  how = options();
  how.headers = {{"h", compiled("1 / id")}};
  CHECK_THAT(shown(how, test::rows_at(kSchema, R"({"id":0})", 0)), Catch::Contains("headers.h: "));
}

}  // namespace
}  // namespace penstock
