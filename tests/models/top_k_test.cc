#include "models/top_k.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "models/als.h"
#include "models/int8_index.h"
#include "models/main_directions.h"
#include "tests/models/catalogue.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::full_sort;

// Checks a search against the full sort of all scores.
template <class Search>
void check_search(const ItemVectors& items, int64_t covered, Search search) {
  Random random(42);
  for (int query = 0; query < 8; ++query) {
    const AlignedFloats x =
        query == 0 ? AlignedFloats(items.factors.width) : testing::user_vector(items.factors.factors, random);
    std::vector<float> scores(covered);
    for (int64_t item = 0; item < covered; ++item)
      scores[item] = items.score(item, x.data());
    std::vector<int32_t> masked = {5, 6, 7, static_cast<int32_t>(covered) - 1};
    for (const ScoredItem& item : full_sort(scores, {}, 4))
      masked.push_back(item.item);
    ItemSet allowed(covered);
    std::vector<int32_t> ruled_out = masked;
    for (int32_t item = 0; item < covered; ++item) {
      if (random.below(3) == 0)
        allowed.insert(item);
      else
        ruled_out.push_back(item);
    }
    const ItemMask some({.exclude = masked}), few({.exclude = masked, .allowed = &allowed});
    for (const size_t n : {size_t{1}, size_t{10}, size_t{300}, static_cast<size_t>(covered)}) {
      CAPTURE(items.factors.factors, items.biases != nullptr, query, n);
      BestItems best(n), filtered(n);
      const std::vector<SearchTask> tasks = {{x.data(), &some, &best}, {x.data(), &few, &filtered}};
      search(tasks);
      CHECK(std::move(best).sorted() == full_sort(scores, masked, n));
      CHECK(std::move(filtered).sorted() == full_sort(scores, ruled_out, n));
    }
  }
}

}  // namespace

TEST_CASE("every exact search finds what a full sort of all scores finds, ties, masks, filters and biases included") {
  for (const int factors : {4, 16, 40, 64}) {
    for (const double spread : {0.0, 0.5}) {
      const Factors rows = testing::catalogue(1501, factors, spread, 41);
      const std::vector<float> biases = testing::biases(rows.rows, 43);
      for (const float* of_items : {static_cast<const float*>(nullptr), biases.data()}) {
        const ItemVectors items{rows, of_items};
        const auto order = std::make_shared<const NormOrder>(items);
        const TopKIndex by_norm(items, order);
        check_search(items, rows.rows, [&](std::span<const SearchTask> tasks) { by_norm.search(items, tasks); });
        const Int8Index by_bytes(items, order);
        for (const SearchKernels* kernels : runnable_search_kernels()) {
          CAPTURE(kernels->name);
          check_search(items, rows.rows,
                       [&](std::span<const SearchTask> tasks) { by_bytes.search(items, tasks, *kernels); });
        }
        check_search(items, rows.rows, [&](std::span<const SearchTask> tasks) {
          for (const SearchTask& task : tasks)
            scan_items(items, 0, rows.rows, task);
        });
      }
    }
  }
}

TEST_CASE("searches by norm and by bytes score few items in full, and stop early where norms differ") {
  const Factors rows = testing::catalogue(20000, 64, 0.8, 44);
  const ItemVectors items{rows};
  const auto order = std::make_shared<const NormOrder>(items);
  const TopKIndex by_norm(items, order);
  const Int8Index by_bytes(items, order);
  Random random(45);
  const ItemMask all;
  for (int query = 0; query < 10; ++query) {
    const AlignedFloats x = testing::user_vector(64, random);
    BestItems first(10), second(10);
    const SearchTask one{x.data(), &all, &first}, other{x.data(), &all, &second};
    const SearchCost norm_cost = by_norm.search(items, {&one, 1}), byte_cost = by_bytes.search(items, {&other, 1});
    CHECK(norm_cost.scanned < rows.rows / 4);
    CHECK(byte_cost.scanned == norm_cost.scanned);
    CHECK(norm_cost.scored < rows.rows / 20);
    CHECK(byte_cost.scored < 200);
  }
}

TEST_CASE("the main directions are orthonormal and hold most of what the rows vary in, whatever the basis") {
  Factors rows = testing::catalogue(2000, 40, 0.3, 46);
  Factors turned(rows.rows, 40);
  // A rotation in each pair of coordinates that lie far apart.
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (int j = 0; j < 20; ++j) {
      turned.row(row)[39 - j] = 0.6f * rows.row(row)[j] + 0.8f * rows.row(row)[39 - j];
      turned.row(row)[j] = -0.8f * rows.row(row)[j] + 0.6f * rows.row(row)[39 - j];
    }
  }
  const Factors directions = main_directions(turned, 16);
  REQUIRE(directions.rows == 16);
  double inside = 0, whole = 0, first_coordinates = 0;
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (int k = 0; k < 16; ++k) {
      const float share = kernels().dot(directions.row(k), turned.row(row), turned.width);
      inside += share * share;
    }
    for (int j = 0; j < 40; ++j) {
      whole += rows.row(row)[j] * rows.row(row)[j];
      first_coordinates += j < 16 ? rows.row(row)[j] * rows.row(row)[j] : 0;
    }
  }
  CHECK(inside > 0.99 * first_coordinates);
  CHECK(inside < whole);
  for (int k = 0; k < 16; ++k) {
    for (int l = 0; l <= k; ++l)
      CHECK(kernels().dot(directions.row(k), directions.row(l), 48) == Approx(k == l ? 1 : 0).margin(1e-5));
  }
  CHECK(main_directions(Factors(100, 3), 20).rows == 16);  // nothing varies, and no more than there are
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
  REQUIRE(data.items.size() > 2000);
  testing::NoProgress progress;
  AlsParameters parameters;
  parameters.factors = 24;
  parameters.iterations = 3;
  const RetrievalMethod method = GENERATE(RetrievalMethod::kNormSorted, RetrievalMethod::kInt8, RetrievalMethod::kScan);
  parameters.retrieval.method = method;
  const ModelPtr model = make_als(parameters).value();
  ModelSnapshotPtr snapshot = model->fit(data, {1, 2}, progress).value();
  CHECK(snapshot->retrieval().method == name_of(method));
  for (int round = 0; round < 3; ++round) {
    if (round == 1)
      snapshot = model->load(snapshot->save()).value();
    std::vector<std::vector<ItemWeight>> histories;
    std::vector<ModelQuery> queries;
    for (int32_t user = 0; user < 30; ++user) {
      const auto history = testing::history_of(data, user);
      std::vector<int32_t> masked;
      for (const ItemWeight& seen : history)
        masked.push_back(seen.item);
      CHECK(snapshot->recommend({.history = history, .n = 10}) ==
            testing::full_sort(snapshot->score_all({.history = history}), masked, 10));
      histories.push_back(history);
    }
    // Many at once are answered like one after the other, those included about whom there is nothing to say.
    histories[7].clear();
    for (int n = 0; n < 300; ++n)
      queries.push_back({.history = histories[n % histories.size()], .n = static_cast<size_t>(n % 12)});
    const auto answers = snapshot->recommend_many(queries);
    REQUIRE(answers.size() == queries.size());
    for (size_t n = 0; n < queries.size(); ++n)
      CHECK(answers[n] == snapshot->recommend(queries[n]));
    std::vector<ModelSnapshot::NewItem> added;
    for (int n = 0; n < 600; ++n)
      added.push_back({"new" + std::to_string(n), {{testing::history_of(data, n % 400), 1}}});
    snapshot = snapshot->with_items(added);
  }
}

}  // namespace penstock
