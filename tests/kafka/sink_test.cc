// The sink `kafka` against a real broker: what readers of committed records see, whoever dies or is shut out meanwhile.
#include "actors/sinks/kafka.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "tests/support/kafka_broker.h"
#include "tests/support/kafka_client.h"

namespace penstock::test {
namespace {

const SchemaPtr kSchema =
    std::make_shared<const Schema>(std::vector<Field>{{"id", Type::kInt64, true}, {"text", Type::kString, true}});

BatchPtr rows(uint64_t first, size_t count, int64_t ingested = 7, const std::string& text = "x") {
  BatchBuilder builder(kSchema);
  for (uint64_t id = first; id < first + count; ++id) {
    builder.column(0).append_int64(static_cast<int64_t>(id));
    builder.column(1).append_string(text);
  }
  return builder.finish()->with_origin({Partition(0), Offset(first), Timestamp{ingested}, nullptr, 0});
}

// Bytes that no compression makes fewer.
std::string noise(size_t size) {
  std::string out(size, '\0');
  uint64_t state = 1;
  for (char& c : out)
    c = static_cast<char>('!' + ((state = state * 6364136223846793005u + 1442695040888963407u) >> 33) % 90);
  return out;
}

/// A topic of its own, and sinks into it that believe to belong to the same store.
struct Outlet {
  explicit Outlet(const std::string& name, int partitions = 1, const TopicSettings& settings = {}) : topic(name) {
    create_topic(broker.address(), topic, partitions, settings);
  }

  KafkaSinkOptions options() const {
    KafkaSinkOptions out;
    out.producer.settings = {{"bootstrap.servers", broker.address()}};
    out.producer.topic = topic;
    out.producer.timeout = Duration{10'000'000};
    out.records.log = "in";
    out.records.topic = topic;
    out.records.schema = kSchema;
    out.name = "penstock." + topic;
    return out;
  }
  std::unique_ptr<KafkaSink> sink() const { return std::make_unique<KafkaSink>(options()); }

  /// The ids that readers of committed records see, in order: `0 1 2`.
  std::string ids() const {
    std::vector<int64_t> all;
    for (const TopicRecord& record : read_topic(broker.address(), topic))
      all.push_back(std::stoll(record.value.value_or("").substr(6)));  // {"id":
    std::sort(all.begin(), all.end());
    std::string out;
    for (const int64_t id : all)
      out += (out.empty() ? "" : " ") + std::to_string(id);
    return out;
  }

  const KafkaBroker& broker = KafkaBroker::shared();
  const std::string topic;
};

void must(const Status& status) {
  INFO(status.to_string());
  REQUIRE(status.ok());
}

void deliver(Sink& to, const BatchPtr& batch) {
  must(to.write(batch));
  must(to.sync().status());
}

TEST_CASE("the kafka sink passes over what the topic has already, whatever the store knows", "[kafka]") {
  const Outlet out("passed-over", 2);
  const auto first = out.sink();
  must(first->open(""));
  deliver(*first, rows(0, 3));
  deliver(*first, rows(3, 2));
  // The process dies before the store hears of it: the log is read from its start again, in other pieces.
  const auto second = out.sink();
  must(second->open(""));
  deliver(*second, rows(0, 4));
  deliver(*second, rows(4, 3));
  CHECK(out.ids() == "0 1 2 3 4 5 6");
}

TEST_CASE("each partition of the log has its own mark", "[kafka]") {
  const Outlet out("own-marks");
  for (int life = 0; life < 2; ++life) {
    const auto sink = out.sink();
    must(sink->open(""));
    must(sink->write(rows(0, 2)));
    must(sink->write(rows(0, 1)->with_origin({Partition(1), Offset(0), Timestamp{7}, nullptr, 0})));
    must(sink->sync().status());
  }
  CHECK(out.ids() == "0 0 1");
}

TEST_CASE("what a store takes in after it was restored from a backup is delivered, though the offsets were",
          "[kafka]") {
  const Outlet out("restored");
  const auto first = out.sink();
  must(first->open(""));
  deliver(*first, rows(0, 4, 100));
  const auto restored = out.sink();  // from a backup that ended with offset 1
  must(restored->open("kafka"));
  deliver(*restored, rows(2, 2, 200));
  CHECK(out.ids() == "0 1 2 2 3 3");
}

TEST_CASE("a sink that another has replaced is shut out, and nothing of what it had begun is seen", "[kafka]") {
  const Outlet out("fenced");
  const auto zombie = out.sink();
  must(zombie->open(""));
  deliver(*zombie, rows(0, 1));
  must(zombie->write(rows(1, 3)));
  const auto heir = out.sink();
  must(heir->open(""));
  CHECK(out.ids() == "0");  // and readers do not wait for the zombie
  deliver(*heir, rows(0, 3));
  const auto position = zombie->sync();
  CHECK(position.status().code() == Code::kFailedPrecondition);
  CHECK_THAT(position.status().message(), Catch::Contains("a second process runs on a copy of this store"));
  deliver(*heir, rows(3, 1));
  CHECK(out.ids() == "0 1 2 3");
}

TEST_CASE("after a row was refused nothing of its delivery is seen, and the same sink delivers the others", "[kafka]") {
  const Outlet out("refused");
  const auto sink = out.sink();
  must(sink->open(""));
  deliver(*sink, rows(0, 2));
  must(sink->write(rows(2, 2)));
  const Status refused = sink->write(rows(4, 1, 7, noise(1'100'000)));
  CHECK(refused.code() == Code::kInvalidArgument);
  CHECK_THAT(refused.message(), Catch::Contains("too large"));
  must(sink->open("kafka"));
  CHECK(out.ids() == "0 1");
  deliver(*sink, rows(2, 2));
  deliver(*sink, rows(5, 1));
  CHECK(out.ids() == "0 1 2 3 5");
}

TEST_CASE("a topic that takes small records only gets smaller batches, and what it does not take at all is refused",
          "[kafka]") {
  const Outlet out("small", 1, {{"max.message.bytes", "20000"}});
  const auto sink = out.sink();
  Status status = unavailable("not tried");
  for (int tries = 0; tries < 5 && status.code() == Code::kUnavailable; ++tries) {
    must(sink->open(""));
    must(sink->write(rows(0, 100, 7, noise(1000))));
    status = sink->sync().status();
  }
  must(status);
  status = unavailable("not tried");
  for (int tries = 0; tries < 5 && status.code() == Code::kUnavailable; ++tries) {
    must(sink->open(""));
    must(sink->write(rows(100, 1, 7, noise(30'000))));
    status = sink->sync().status();
  }
  CHECK(status.code() == Code::kInvalidArgument);
  must(sink->open(""));
  deliver(*sink, rows(101, 1));
  CHECK(out.ids().size() == std::string("0 ").size() * 10 + std::string("10 ").size() * 90 + std::string("101").size());
}

TEST_CASE("key, partition, headers and time of a record arrive", "[kafka]") {
  for (const char* compression : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    INFO(compression);
    const Outlet out(std::string("whole-") + compression, 3);
    KafkaSinkOptions options = out.options();
    options.producer.settings.emplace_back("compression.codec", compression);
    options.records.key = *sql::Expression::compile("'k' || id", kSchema);
    options.records.partition = *sql::Expression::compile("id % 3", kSchema);
    options.records.headers = {{"what", *sql::Expression::compile("text", kSchema)}};
    KafkaSink sink(options);
    must(sink.open(""));
    deliver(sink, rows(4, 1));
    const std::vector<TopicRecord> records = read_topic(out.broker.address(), out.topic);
    REQUIRE(records.size() == 1);
    CHECK(records[0].key == "k4");
    CHECK(records[0].value == R"({"id":4,"text":"x"})");
    CHECK(records[0].partition == 1);
    CHECK(records[0].headers ==
          std::vector<std::pair<std::string, std::string>>{{"penstock-id", "in/0/4"}, {"what", "x"}});
  }
}

TEST_CASE("a key goes to the partition that a Java producer gives it", "[kafka]") {
  const Outlet out("by-key", 3);
  KafkaSinkOptions options = out.options();
  options.records.key = *sql::Expression::compile("'user-' || id", kSchema);
  KafkaSink sink(options);
  must(sink.open(""));
  deliver(sink, rows(0, 20));
  std::string lines;
  for (int id = 0; id < 20; ++id)
    lines += "user-" + std::to_string(id) + ":{\"id\":" + std::to_string(id) + "}\n";
  const Finished produced =
      out.broker.tool({"produce", out.topic, "--property", "parse.key=true", "--property", "key.separator=:"}, lines);
  INFO(produced.err);
  REQUIRE(produced.code == 0);
  std::map<std::string, std::vector<int32_t>> partitions;
  for (const TopicRecord& record : read_topic(out.broker.address(), out.topic))
    partitions[record.key.value_or("")].push_back(record.partition);
  REQUIRE(partitions.size() == 20);
  for (const auto& [key, of] : partitions) {
    INFO(key);
    REQUIRE(of.size() == 2);
    CHECK(of[0] == of[1]);
  }
}

TEST_CASE("without transactions a record that is delivered again has the same id", "[kafka]") {
  const Outlet out("at-least-once");
  KafkaSinkOptions options = out.options();
  options.exactly_once = false;
  for (int life = 0; life < 2; ++life) {
    KafkaSink sink(options);
    must(sink.open(""));
    deliver(sink, rows(0, 1));
  }
  const std::vector<TopicRecord> records = read_topic(out.broker.address(), out.topic);
  REQUIRE(records.size() == 2);
  CHECK(records[0].headers == records[1].headers);
  CHECK(records[0].headers.front().second == "in/0/0");
}

TEST_CASE("a topic that is missing is waited for, with advice", "[kafka]") {
  KafkaSinkOptions options = Outlet("there-already").options();
  options.producer.topic = options.records.topic = "there-later";
  KafkaSink sink(options);
  const Status missing = sink.open("");
  CHECK(missing.code() == Code::kUnavailable);
  CHECK_THAT(missing.message(), Catch::Contains("there-later") && Catch::Contains("create it, or correct `topic`"));
  create_topic(KafkaBroker::shared().address(), "there-later");
  must(sink.open(""));
  deliver(sink, rows(0, 1));
  CHECK(read_topic(KafkaBroker::shared().address(), "there-later").size() == 1);
}

}  // namespace
}  // namespace penstock::test
