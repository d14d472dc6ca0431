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

TEST_CASE("the key index gives the number of an erased key to the next new one") {
  KeyIndex index;
  for (const char* key : {"a", "b", "c"})
    index.insert(key, hash_key(key));
  index.erase(1, hash_key("b"));
  CHECK(index.size() == 2);
  CHECK(index.bound() == 3);
  CHECK_FALSE(index.has(1));
  CHECK_FALSE(index.find("b", hash_key("b")));
  CHECK(index.insert("d", hash_key("d")) == 1);
  CHECK(index.insert("b", hash_key("b")) == 3);
  CHECK(index.key(1) == "d");
}

TEST_CASE("the key index finds the others after some were erased, whatever their hashes") {
  for (const uint64_t hashes : {1ULL, 7ULL, 100'000ULL}) {
    KeyIndex index;
    std::unordered_map<std::string, uint32_t> slow;
    Random random(hashes);
    const auto hash = [&](const std::string& key) { return hash_key(key) % hashes; };
    for (int i = 0; i < 20'000; ++i) {
      const std::string key = std::to_string(random.below(300)) + std::string(random.below(30), 'x');
      if (random.below(2) == 0) {
        slow[key] = index.insert(key, hash(key));
      } else if (const auto known = slow.find(key); known != slow.end()) {
        index.erase(known->second, hash(key));
        slow.erase(known);
      }
    }
    CHECK(index.size() == slow.size());
    CHECK(index.bound() < 10'000);
    for (const auto& [key, number] : slow) {
      REQUIRE(index.find(key, hash(key)) == number);
      REQUIRE(index.key(number) == key);
    }
  }
}

TEST_CASE("the key index gives back the bytes of erased keys") {
  KeyIndex index;
  const std::string tail(1000, 'x');
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = std::to_string(i) + tail;
    index.insert(key, hash_key(key));
    if (i >= 10) {
      const std::string old = std::to_string(i - 10) + tail;
      index.erase(*index.find(old, hash_key(old)), hash_key(old));
    }
  }
  CHECK(index.size() == 10);
  CHECK(index.memory() < 100'000);
}

}  // namespace
}  // namespace penstock
