#include "models/top_k.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

// Factors with falling importance, lognormal norms, some rows equal and some zero.
Factors catalogue(int64_t items, int factors, double spread, uint64_t seed) {
  Random random(seed);
  Factors out(items, factors);
  for (int64_t item = 0; item < items; ++item) {
    const double scale = item % 97 == 0 ? 0 : std::exp(spread * random.normal());
    for (int j = 0; j < factors; ++j)
      out.row(item)[j] = static_cast<float>(scale * random.normal() / (1 + 0.2 * j));
    if (item % 11 == 5)
      std::copy(out.row(item - 1), out.row(item - 1) + out.width, out.row(item));
  }
  return out;
}

}  // namespace

TEST_CASE("the index finds exactly what a full sort of all scores finds, ties included") {
  for (const int factors : {4, 16, 40, 64}) {
    for (const double spread : {0.0, 0.5}) {
      const Factors items = catalogue(3001, factors, spread, 41);
      const TopKIndex index(items);
      Random random(42);
      for (int query = 0; query < 12; ++query) {
        AlignedFloats x(items.width);
        for (int j = 0; j < factors; ++j)
          x[j] = query == 0 ? 0 : static_cast<float>(random.normal() / (1 + 0.1 * j));
        std::vector<float> scores(items.rows);
        kernels().scores(items.values.data(), items.rows, items.width, x.data(), scores.data());
        std::vector<int32_t> masked = {5, 6, 7, 3000};
        for (const ScoredItem& item : testing::full_sort(scores, {}, 4))
          masked.push_back(item.item);
        const ItemMask mask({.exclude = masked});
        for (const size_t n : {size_t{1}, size_t{10}, size_t{500}, size_t{3001}}) {
          CAPTURE(factors, spread, query, n);
          BestItems by_index(n), by_scan(n);
          index.search(items, x.data(), mask, by_index);
          scan_items(items, 0, items.rows, x.data(), mask, by_scan);
          const auto wanted = testing::full_sort(scores, masked, n);
          CHECK(std::move(by_index).sorted() == wanted);
          CHECK(std::move(by_scan).sorted() == wanted);
        }
      }
    }
  }
}

TEST_CASE("a recommendation from a large catalogue is what a full sort finds, also for items added later") {
  Random random(43);
  InteractionsBuilder builder;
  for (int user = 0; user < 400; ++user) {
    for (int n = 0; n < 40; ++n) {
      const double u = random.uniform();
      builder.add({std::to_string(user), std::to_string(static_cast<int>(u * u * 3000)), 1, {0}});
    }
  }
  const Interactions data = std::move(builder).build();
  REQUIRE(data.items.size() > TopKIndex::kLeastItems);
  testing::NoProgress progress;
  AlsParameters parameters;
  parameters.factors = 24;
  parameters.iterations = 3;
  ModelSnapshotPtr snapshot = make_als(parameters).value()->fit(data, {1, 2}, progress).value();
  for (int round = 0; round < 3; ++round) {
    for (int32_t user = 0; user < 30; ++user) {
      const auto history = testing::history_of(data, user);
      std::vector<int32_t> masked;
      for (const ItemWeight& seen : history)
        masked.push_back(seen.item);
      CHECK(snapshot->recommend({.history = history, .n = 10}) ==
            testing::full_sort(snapshot->score_all({.history = history}), masked, 10));
    }
    std::vector<ModelSnapshot::NewItem> added;
    for (int n = 0; n < 600; ++n)
      added.push_back({"new" + std::to_string(n), {{testing::history_of(data, n % 400), 1}}});
    snapshot = snapshot->with_items(added);
  }
}

}  // namespace penstock
