#include "core/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

using namespace penstock;

TEST_CASE("the same seed gives the same numbers on every machine") {
  // First outputs of SplitMix64 from seed 1234567, as its authors publish them.
  Random random(1234567);
  CHECK(random() == 6457827717110365317ULL);
  CHECK(random() == 3203168211198807973ULL);
  CHECK(random() == 9817491932198370423ULL);
  Random a(7), b(7);
  for (int i = 0; i < 100; ++i)
    REQUIRE((a.normal() == b.normal() && a.below(10) == b.below(10)));
}

TEST_CASE("numbers below a bound are spread evenly") {
  Random random(1);
  std::vector<int> counts(10);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t number = random.below(10);
    REQUIRE(number < 10);
    ++counts[number];
  }
  for (const int count : counts)
    CHECK(std::abs(count - 10'000) < 500);
  CHECK(random.below(1) == 0);
}

TEST_CASE("uniform and normal numbers have their mean and variance") {
  Random random(2);
  double sum = 0, normal_sum = 0, normal_squares = 0;
  constexpr int kCount = 200'000;
  for (int i = 0; i < kCount; ++i) {
    const double uniform = random.uniform(), normal = random.normal();
    REQUIRE((uniform >= 0 && uniform < 1));
    sum += uniform;
    normal_sum += normal;
    normal_squares += normal * normal;
  }
  CHECK(sum / kCount == Approx(0.5).margin(0.005));
  CHECK(normal_sum / kCount == Approx(0).margin(0.01));
  CHECK(normal_squares / kCount == Approx(1).margin(0.02));
}

TEST_CASE("a standard shuffle takes it as its generator") {
  std::vector<int> numbers(100);
  std::iota(numbers.begin(), numbers.end(), 0);
  Random random(3);
  std::shuffle(numbers.begin(), numbers.end(), random);
  CHECK_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
}
