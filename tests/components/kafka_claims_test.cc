#include "actors/sources/kafka_claims.h"

#include <catch2/catch.hpp>

#include "actors/sources/kafka_position.h"

namespace penstock {
namespace {

KafkaClaims read(int64_t committed, const std::string& metadata) {
  return KafkaClaims::read(committed, metadata).value();
}

std::string text(const std::vector<KafkaRange>& ranges) {
  std::string out;
  for (const KafkaRange& range : ranges)
    out += "[" + std::to_string(range.from) + "," + std::to_string(range.to) + ")";
  return out;
}

TEST_CASE("claims are written and read back") {
  KafkaClaims claims;
  claims.begin("a", 0, 0);
  claims.claim(10);
  claims.begin("b", 10, 0);
  claims.claim(12);
  CHECK(claims.metadata() == "penstock/1 a:0-10 b:10-12");
  CHECK(read(12, claims.metadata()).to_string() == "a[0,10) b[10,12)");
}

TEST_CASE("an owner's debts are what it claimed above its position") {
  const KafkaClaims claims = read(30, "penstock/1 a:0-10 b:10-20 a:20-30");
  CHECK(text(claims.debts("a", std::nullopt)) == "[0,10)[20,30)");
  CHECK(text(claims.debts("a", 4)) == "[4,10)[20,30)");
  CHECK(text(claims.debts("a", 25)) == "[25,30)");
  CHECK(text(claims.debts("a", 30)) == "");
  CHECK(text(claims.debts("b", 10)) == "[10,20)");
  CHECK(text(claims.debts("c", 0)) == "");
}

TEST_CASE("a tenure begins behind all that was claimed or stored") {
  CHECK(KafkaClaims().start(std::nullopt) == std::nullopt);
  CHECK(KafkaClaims().start(7) == 7);
  CHECK(read(5, "").start(std::nullopt) == 5);
  CHECK(read(5, "").start(7) == 7);
  CHECK(read(9, "").start(7) == 9);
}

TEST_CASE("a tenure that goes on is one, and an owner's stored tenures go") {
  KafkaClaims claims = read(10, "penstock/1 b:0-4 a:4-10");
  claims.begin("a", 10, 0);
  claims.claim(15);
  CHECK(claims.to_string() == "b[0,4) a[4,15)");
  claims.begin("b", 15, 4);
  CHECK(claims.to_string() == "a[4,15) b[15,15)");
  CHECK(claims.passed_on("a"));
  CHECK_FALSE(claims.passed_on("b"));
}

TEST_CASE("metadata keeps to the broker's limit, and the newest tenures in it") {
  KafkaClaims claims;
  for (int64_t i = 0; i < 200; ++i) {
    claims.begin("owner" + std::to_string(i), i * 1'000'000'000'000, 0);
    claims.claim((i + 1) * 1'000'000'000'000);
  }
  const std::string metadata = claims.metadata();
  CHECK(metadata.size() <= KafkaClaims::kMostBytes);
  CHECK(metadata.size() > KafkaClaims::kMostBytes - 100);
  CHECK(read(1, metadata).to_string().ends_with("owner199[199000000000000,200000000000000)"));
}

TEST_CASE("metadata of others is none of ours, and of ours what cannot be read is an error") {
  CHECK(read(5, "some tool's").to_string() == "");
  CHECK(KafkaClaims::read(std::nullopt, "").value().to_string() == "");
  for (const char* broken : {"penstock/2 a:0-1", "penstock/1 a", "penstock/1 a:5-1", "penstock/1 a:x-1",
                             "penstock/1  a:0-1", "penstock/1 :0-1", "penstock/10"})
    CHECK(KafkaClaims::read(5, broken).status().code() == Code::kDataLoss);
}

TEST_CASE("a Kafka source's position is written and read back") {
  KafkaPosition position{"shop.orders", {{"orders", 3}}, {{{"orders", 0}, 17}, {{"orders", 2}, 4}}};
  CHECK(KafkaPosition::decode(position.encode()).value() == position);
  CHECK(position.stored({"orders", 2}) == 4);
  CHECK(position.stored({"orders", 1}) == std::nullopt);
  const std::string bytes = position.encode();
  for (size_t size = 0; size < bytes.size(); ++size)
    CHECK(KafkaPosition::decode(bytes.substr(0, size)).status().code() == Code::kDataLoss);
}

}  // namespace
}  // namespace penstock
