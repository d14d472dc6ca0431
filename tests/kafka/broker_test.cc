// What the other cases rely on: the broker of the tests takes what the stock tools put, aborted transactions are not seen, and it
// comes back with everything after it was killed.
#include <catch2/catch.hpp>

#include "tests/support/kafka_broker.h"
#include "tests/support/kafka_client.h"

namespace penstock::test {
namespace {

std::string values(const std::vector<TopicRecord>& records) {
  std::string text;
  for (const TopicRecord& record : records)
    text += (text.empty() ? "" : " ") + record.value.value_or("(none)");
  return text;
}

TEST_CASE("the broker of the tests holds what its tools and clients put there", "[kafka]") {
  const KafkaBroker& broker = KafkaBroker::shared();
  const Finished created = broker.tool({"create", "held", "1"});
  INFO(created.err);
  REQUIRE(created.code == 0);
  CHECK(broker.tool({"produce", "held"}, "stock\n").code == 0);
  CHECK(kcat(broker, {"-P", "-t", "held", "-k", "key", "-H", "h=1"}, "kcat\n").code == 0);
  TopicWriter writer(broker.address(), "held-writer");
  writer.begin();
  writer.put("held", {.value = "aborted"});
  writer.flush();
  writer.abort();
  writer.begin();
  writer.put("held", {.key = "k", .value = std::nullopt, .timestamp_ms = 1'700'000'000'000});
  writer.commit();

  const std::vector<TopicRecord> records = read_topic(broker.address(), "held");
  REQUIRE(values(records) == "stock kcat (none)");
  CHECK(records[1].key == "key");
  CHECK(records[1].headers == std::vector<std::pair<std::string, std::string>>{{"h", "1"}});
  CHECK(records[2].timestamp_ms == 1'700'000'000'000);
  CHECK(values(read_topic(broker.address(), "held", false)) == "stock kcat aborted (none)");
  CHECK(end_offset(broker.address(), "held", 0) == 6);  // two markers
}

TEST_CASE("the broker of the tests comes back with everything", "[kafka]") {
  KafkaBroker& broker = KafkaBroker::shared();
  create_topic(broker.address(), "kept", 2);
  TopicWriter writer(broker.address());
  writer.put("kept", {.value = "a", .partition = 0});
  writer.put("kept", {.value = "b", .partition = 1});
  writer.flush();
  broker.kill();
  broker.start();
  CHECK(values(read_topic(broker.address(), "kept")) == "a b");
  CHECK_THROWS(create_topic(broker.address(), "kept"));
  CHECK_THROWS(read_topic(broker.address(), "nowhere"));
}

}  // namespace
}  // namespace penstock::test
