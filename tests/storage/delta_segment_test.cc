#include "storage/delta_segment.h"

#include <catch2/catch.hpp>
#include <map>

#include "core/random.h"

namespace penstock {
namespace {

// Keys of few different bytes, so that many share a beginning, one is the beginning of another, and some are equal.
std::string some_key(Random& random, const std::string& beginning) {
  static const std::string kBytes("\0a\xff", 3);
  std::string key = beginning;
  for (uint64_t left = random.below(14); left > 0; --left)
    key += kBytes[random.below(kBytes.size())];
  return key;
}

}  // namespace

TEST_CASE("a delta segment holds the last change of each key, in key order, whatever the keys share") {
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    const std::string beginning = some_key(random, round % 2 == 0 ? "" : "\x01\x80");
    Delta delta;
    std::map<std::string, std::optional<std::string>> expected;
    for (uint64_t i = random.below(60); i > 0; --i) {
      std::optional<std::string> value;
      if (random.below(4) > 0)
        value = std::to_string(i);
      delta.emplace_back(some_key(random, beginning), value);
      expected[delta.back().first] = value;
    }
    const auto segment = DeltaSegment::encode(delta);
    REQUIRE(segment->changes().size() == expected.size());
    size_t at = 0;
    for (const auto& [key, value] : expected) {
      const Change& change = segment->changes()[at++];
      REQUIRE(change.key == key);
      REQUIRE(change.erased == !value.has_value());
      REQUIRE(change.value == value.value_or(""));
      REQUIRE(segment->find(key, key_hash(key)) == &change);
    }
    const auto decoded = DeltaSegment::decode(segment->bytes(), static_cast<uint32_t>(expected.size()));
    REQUIRE(decoded);
    CHECK(decoded->bytes() == segment->bytes());
  }
}

}  // namespace penstock
