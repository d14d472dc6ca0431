#include "messages/packed_ints.h"

#include <catch2/catch.hpp>
#include <limits>

#include "core/random.h"

using namespace penstock;

namespace {

size_t round_trip(const std::vector<int64_t>& values) {
  std::string bytes;
  append_packed(std::span<const int64_t>(values), bytes);
  ByteReader reader(bytes);
  std::vector<int64_t> read;
  REQUIRE(read_packed(reader, values.size(), read));
  REQUIRE(reader.left() == 0);
  REQUIRE(read == values);
  return bytes.size();
}

}  // namespace

TEST_CASE("integers take as many bytes as their range or their steps need") {
  CHECK(round_trip({}) == 10);
  CHECK(round_trip({42}) == 10);
  CHECK(round_trip({7, 7, 7, 7}) == 10);
  CHECK(round_trip({-100, 155, 0}) == 10 + 3);
  CHECK(round_trip({0, 256, 3, 9}) == 10 + 4 * 2);
  std::vector<int64_t> clock;
  for (int64_t i = 0; i < 1000; ++i)
    clock.push_back(1'700'000'000'000'000 + i * 1'000'000 + i % 5);
  CHECK(round_trip(clock) == 18 + 1000);
}

TEST_CASE("integers of any size come back, extremes included") {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min(), kMax = std::numeric_limits<int64_t>::max();
  round_trip({kMin, kMax, 0, -1, kMax, kMin});
  round_trip({kMax, kMax - 1, kMax});
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<int64_t> values(random.below(50));
    const auto shift = random.below(64);
    int64_t walk = static_cast<int64_t>(random());
    for (int64_t& value : values) {
      const auto step = static_cast<uint64_t>(random() >> shift);
      value = round % 2 == 0 ? static_cast<int64_t>(step)
                             : (walk = static_cast<int64_t>(static_cast<uint64_t>(walk) + step));
    }
    round_trip(values);
  }
}

TEST_CASE("small unsigned numbers come back, and a number past 32 bits is refused") {
  Random random(2);
  for (int round = 0; round < 500; ++round) {
    std::vector<uint32_t> values(random.below(40)), read;
    for (uint32_t& value : values)
      value = static_cast<uint32_t>(random() >> (32 + round % 32));
    std::string bytes;
    append_packed(std::span<const uint32_t>(values), bytes);
    ByteReader reader(bytes);
    REQUIRE(read_packed(reader, values.size(), read));
    REQUIRE(read == values);
  }
  std::string bytes;
  append_packed(std::span<const int64_t>(std::vector<int64_t>{5, 1LL << 32, 6, (1LL << 32) + 1}), bytes);
  ByteReader reader(bytes);
  std::vector<uint32_t> read;
  CHECK_FALSE(read_packed(reader, 4, read));
}
