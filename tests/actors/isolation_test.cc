#include "actors/regions/isolation.h"

#include <catch2/catch.hpp>
#include <set>

#include "core/random.h"

using namespace penstock;

namespace {

// A consumer of one partition of `records` records that dies of those in `poison`, and is started again and again; what it
// knows of the past is what was written down.
struct Consumer {
  uint64_t records;
  std::set<uint64_t> poison;
  IsolationLimits limits = {};
  uint64_t position = 0;
  std::string written = {};  // the attempt on record; empty: none
  std::set<uint64_t> set_aside = {};
  uint64_t lives = 0;

  bool dies_of(uint64_t first, uint64_t count) const {
    const auto next = poison.lower_bound(first);
    return next != poison.end() && *next < first + count;
  }

  // One life, to its death or to the end of the records. True: the end.
  bool live() {
    ++lives;
    Isolation isolation(limits);
    if (!written.empty())
      REQUIRE(isolation.restore(written).ok());
    isolation.judge();
    while (position < records) {
      switch (isolation.next()) {
        case Isolation::Next::kNormal: {
          const uint64_t count = std::min<uint64_t>(1000, records - position);
          isolation.begin();
          written = isolation.encode();
          if (dies_of(position, count))
            return false;
          position += count;
          isolation = Isolation(limits);
          written.clear();
          break;
        }
        case Isolation::Next::kTry: {
          if (!isolation.slice())
            isolation.choose("log", Partition(0), Offset(position), records - position);
          REQUIRE(isolation.slice()->first.value() == position);
          const uint64_t count = isolation.slice()->records;
          isolation.begin();
          written = isolation.encode();
          if (dies_of(position, count))
            return false;
          position += count;
          isolation.passed(records - position);
          finish_slice(isolation);
          break;
        }
        case Isolation::Next::kSetAside:
          REQUIRE(isolation.slice()->first.value() == position);
          set_aside.insert(position++);
          isolation.set_aside(records - position);
          finish_slice(isolation);
          break;
      }
    }
    return true;
  }

  void finish_slice(Isolation& isolation) {
    if (isolation.slice()) {
      written = isolation.encode();
    } else {
      isolation.end();
      written.clear();
    }
  }
};

}  // namespace

TEST_CASE("the record that kills its consumer is found and set aside; all others pass") {
  Consumer consumer{100'000, {31'415}};
  while (!consumer.live())
    REQUIRE(consumer.lives < 50);
  CHECK(consumer.set_aside == consumer.poison);
  CHECK(consumer.lives <= 2 + 17 + 2 + 1);  // to begin, to halve 65,536, alone, to the end
}

TEST_CASE("records that kill come together or alone, and exactly they are set aside") {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    Consumer consumer{1 + random.below(5'000), {}};
    for (uint64_t i = random.below(20); i > 0; --i) {
      const uint64_t first = random.below(consumer.records);
      for (uint64_t more = random.below(4); more > 0; --more)
        consumer.poison.insert(std::min(first + more, consumer.records - 1));
    }
    while (!consumer.live())
      REQUIRE(consumer.lives < 5'000);
    CHECK(consumer.set_aside == consumer.poison);
  }
}

TEST_CASE("records that come together cost two deaths each, not a search each") {
  Consumer consumer{10'000, {500, 501, 502, 503, 504, 505}};
  while (!consumer.live())
    REQUIRE(consumer.lives < 100);
  CHECK(consumer.lives < 2 + 17 + 6 * 2 + 2);
}

TEST_CASE("when record after record fails, the records are not to blame") {
  Consumer consumer{100, {}};
  for (uint64_t i = 40; i < 100; ++i)
    consumer.poison.insert(i);
  for (int life = 0; life < 200; ++life)
    CHECK(!consumer.live());
  CHECK(consumer.set_aside.size() == consumer.limits.set_aside_in_row);
  CHECK(consumer.position == 48);
  consumer.poison.clear();  // the cause is mended
  while (!consumer.live())
    REQUIRE(consumer.lives < 300);
  CHECK(consumer.position == 100);
  CHECK(consumer.set_aside.size() == consumer.limits.set_aside_in_row);
}

TEST_CASE("a consumer that dies without handling records, or of the store, is not searched") {
  Isolation isolation(IsolationLimits{});
  for (int life = 0; life < 10; ++life) {
    isolation.begin();
    isolation.excuse();
    isolation.judge();
  }
  CHECK(isolation.next() == Isolation::Next::kNormal);
  isolation.begin();
  isolation.judge();
  CHECK(!isolation.searching());
  isolation.begin();
  isolation.judge();
  CHECK(isolation.searching());
}

TEST_CASE("records that a receiver refuses for certain are halved at once, and one alone is set aside at once") {
  Isolation isolation(IsolationLimits{});
  isolation.refuse();
  REQUIRE(isolation.next() == Isolation::Next::kTry);
  isolation.choose("log", Partition(2), Offset(10), 4);
  std::string tried;
  while (isolation.next() == Isolation::Next::kTry) {
    tried += std::to_string(isolation.slice()->records) + " ";
    isolation.refuse();
  }
  CHECK(tried == "4 2 1 ");
  CHECK(isolation.next() == Isolation::Next::kSetAside);
  CHECK(isolation.slice()->partition == Partition(2));
}

TEST_CASE("an attempt on record that cannot be read is refused") {
  Isolation isolation(IsolationLimits{});
  CHECK(isolation.restore("2 1 1 1 1 0").code() == Code::kDataLoss);
  CHECK(isolation.restore("").code() == Code::kDataLoss);
  CHECK(isolation.restore("1 1 0 0 0 0 log 1").code() == Code::kDataLoss);
  CHECK(isolation.restore("1 1 0 0 0 0 log 1 5 2 1").code() == Code::kDataLoss);
}
