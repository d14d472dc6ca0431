#include "models/drift.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace penstock {
namespace {

using Counts = std::vector<uint64_t>;

TEST_CASE("the population stability index of a textbook scorecard") {
  // Shares of then 10, 20, 40, 20, 10 % and of now 15, 25, 30, 20, 10 %.
  const Counts then = {100'000, 200'000, 400'000, 200'000, 100'000},
               now = {150'000, 250'000, 300'000, 200'000, 100'000};
  const double by_hand = 0.05 * std::log(1.5) + 0.05 * std::log(1.25) - 0.1 * std::log(0.75);
  CHECK(by_hand == Approx(0.0602).margin(0.0001));
  CHECK(population_stability_index(now, then) == Approx(by_hand).margin(1e-5));
  CHECK(population_stability_index(then, then) == 0);
  CHECK(population_stability_index(now, then) == Approx(population_stability_index(then, now)));
  CHECK(std::isfinite(population_stability_index(Counts{10, 0}, Counts{0, 10})));
  CHECK(population_stability_index(Counts{0, 0}, Counts{0, 10}) == 0);
}

TEST_CASE("the Jensen-Shannon distance is 0 for the same, 1 for what shares nothing, and a metric between") {
  CHECK(jensen_shannon_distance(Counts{5, 5}, Counts{500, 500}) == 0);
  CHECK(jensen_shannon_distance(Counts{5, 0}, Counts{0, 9}) == Approx(1));
  // p = (1/2, 1/2), q = (1, 0): JSD = 1/2 (1/2 log2(2/3) + 1/2 log2 2) + 1/2 log2(4/3).
  const double divergence = 0.5 * (0.5 * std::log2(2.0 / 3) + 0.5) + 0.5 * std::log2(4.0 / 3);
  CHECK(jensen_shannon_distance(Counts{1, 1}, Counts{1, 0}) == Approx(std::sqrt(divergence)));
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    Counts a(4), b(4), c(4);
    for (Counts* counts : {&a, &b, &c})
      for (uint64_t& count : *counts)
        count = 1 + random.below(50);
    CHECK(jensen_shannon_distance(a, c) <= jensen_shannon_distance(a, b) + jensen_shannon_distance(b, c) + 1e-12);
  }
}

TEST_CASE("bins of numbers hold about as many values each, and one what is missing") {
  Random random(3);
  std::vector<double> values;
  for (int i = 0; i < 10'000; ++i)
    values.push_back(std::exp(random.normal()));
  const NumberBins bins(values);
  CHECK(bins.size() == NumberBins::kBins + 1);
  Counts counts(bins.size());
  for (const double value : values)
    ++counts[bins.bin(value)];
  for (size_t i = 0; i < NumberBins::kBins; ++i)
    CHECK(counts[i] == Approx(1'000).margin(2));
  CHECK(bins.bin(NAN) == NumberBins::kBins);
  CHECK(bins.bin(-1e9) == 0);
  CHECK(bins.bin(1e9) == NumberBins::kBins - 1);
}

TEST_CASE("numbers that are often the same share a bin") {
  const NumberBins bins({1, 1, 1, 1, 1, 1, 1, 1, 2, 3});
  CHECK(bins.size() == 4);
  CHECK(bins.bin(1) == 0);
  CHECK(bins.bin(2) == 1);
  CHECK(bins.bin(3) == 2);
  CHECK(NumberBins({}).bin(5) == 0);
}

TEST_CASE("bins of texts are the most frequent, the rest, and what is missing") {
  std::unordered_map<std::string, uint64_t> seen;
  for (uint64_t i = 0; i < 30; ++i)
    seen["city" + std::to_string(i)] = 100 - i;
  const TextBins bins(seen);
  CHECK(bins.size() == TextBins::kMost + 2);
  CHECK(bins.bin("city0") == 0);
  CHECK(bins.bin("city19") == 19);
  CHECK(bins.bin("city20") == TextBins::kMost);
  CHECK(bins.bin("never seen") == TextBins::kMost);
  CHECK(bins.missing() == TextBins::kMost + 1);
}

TEST_CASE("scores are compared with the first that a version gave, and a new version begins anew") {
  ScoreDrift drift(Duration{60'000'000});
  Random random(8);
  const auto give = [&](uint64_t version, int count, double shift, int64_t second) {
    for (int i = 0; i < count; ++i)
      drift.add(version, random.normal() + shift, {second * 1'000'000});
  };
  const auto now = [](int64_t second) { return Timestamp{second * 1'000'000}; };
  give(1, 1'000, 0, 0);
  CHECK_FALSE(drift.distances(now(0)));
  give(1, 1'000, 0, 1);
  CHECK(drift.distances(now(1))->psi < 0.1);
  give(1, 2'000, 2, 50);
  CHECK(drift.distances(now(50))->psi > 0.5);
  CHECK(drift.distances(now(100))->values == 2'000);
  CHECK_FALSE(drift.distances(now(200)));
  give(2, 10, 0, 200);
  CHECK_FALSE(drift.distances(now(200)));
}

}  // namespace
}  // namespace penstock
