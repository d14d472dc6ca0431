#include "actors/aggregators/key_index.h"

#include <catch2/catch.hpp>
#include <unordered_map>

#include "core/random.h"
#include "messages/key.h"

namespace penstock {
namespace {

TEST_CASE("the key index numbers keys in the order they come and finds them again") {
  KeyIndex index;
  CHECK(index.insert("b", hash_key("b")) == 0);
  CHECK(index.insert("a", hash_key("a")) == 1);
  CHECK(index.insert("b", hash_key("b")) == 0);
  CHECK(index.insert("", hash_key("")) == 2);
  CHECK(index.size() == 3);
  CHECK(index.key(1) == "a");
  CHECK(index.find("", hash_key("")) == 2);
  CHECK_FALSE(index.find("c", hash_key("c")));
}

TEST_CASE("the key index tells keys with the same hash apart") {
  KeyIndex index;
  for (uint32_t i = 0; i < 500; ++i)
    CHECK(index.insert(std::to_string(i), 42) == i);
  for (uint32_t i = 0; i < 500; ++i)
    CHECK(index.find(std::to_string(i), 42) == i);
}

TEST_CASE("the key index agrees with a map on random keys") {
  KeyIndex index;
  std::unordered_map<std::string, uint32_t> slow;
  Random random(7);
  for (int i = 0; i < 50'000; ++i) {
    const std::string key = std::to_string(random.below(9000)) + std::string(random.below(20), 'x');
    const auto known = slow.try_emplace(key, slow.size()).first;
    REQUIRE(index.insert(key, hash_key(key)) == known->second);
  }
  CHECK(index.size() == slow.size());
  for (const auto& [key, number] : slow) {
    REQUIRE(index.find(key, hash_key(key)) == number);
    REQUIRE(index.key(number) == key);
  }
}

}  // namespace
}  // namespace penstock
