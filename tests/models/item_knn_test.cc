#include "models/item_knn.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::Dense;
using testing::NoProgress;

ModelSnapshotPtr fitted(const ItemKnnParameters& parameters, const Interactions& data) {
  NoProgress progress;
  return make_item_knn(parameters)->fit(data, {1, 2}, progress).value();
}

// s_ji for all pairs, by the equations of item_knn.h.
Dense similarities(const Interactions& data, const ItemKnnParameters& parameters) {
  const size_t users = data.users.size(), items = data.items.size();
  const bool bm25 = parameters.similarity == ItemKnnParameters::Similarity::kBm25;
  Dense r(users, std::vector<double>(items));
  std::vector<double> sums(items), own(users);
  double total = 0;
  for (size_t user = 0; user < users; ++user) {
    for (const ItemWeight& seen : testing::history_of(data, static_cast<int32_t>(user))) {
      r[user][seen.item] = parameters.by_weight ? seen.weight : 1;
      sums[seen.item] += r[user][seen.item];
      total += r[user][seen.item];
      own[user] += 1;
    }
  }
  Dense value = r;
  for (size_t user = 0; user < users && bm25; ++user) {
    for (size_t item = 0; item < items; ++item) {
      const double length = 1 - parameters.b + parameters.b * sums[item] / (total / static_cast<double>(items));
      value[user][item] = r[user][item] * (parameters.k1 + 1) / (parameters.k1 * length + r[user][item]) *
                          std::log(1 + static_cast<double>(items) / (1 + own[user]));
    }
  }
  Dense out(items, std::vector<double>(items));
  for (size_t a = 0; a < items; ++a) {
    for (size_t b = 0; b < items; ++b) {
      double product = 0, common = 0, squares_a = 0, squares_b = 0;
      for (size_t user = 0; user < users; ++user) {
        product += value[user][a] * value[user][b];
        common += r[user][a] > 0 && r[user][b] > 0;
        squares_a += value[user][a] * value[user][a];
        squares_b += value[user][b] * value[user][b];
      }
      if (a == b || common == 0)
        continue;
      out[a][b] = product * common / (common + parameters.shrinkage);
      if (!bm25)
        out[a][b] /= std::sqrt(squares_a * squares_b);
    }
  }
  return out;
}

void check_scores(const ItemKnnParameters& parameters, const Interactions& data) {
  const ModelSnapshotPtr snapshot = fitted(parameters, data);
  Dense weights = similarities(data, parameters);
  for (std::vector<double>& row : weights) {
    std::vector<double> sorted = row;
    std::sort(sorted.rbegin(), sorted.rend());
    for (double& weight : row)
      weight = weight >= sorted[parameters.neighbours - 1] - 1e-7 ? weight : 0;
  }
  for (int32_t user = 0; user < 20; ++user) {
    const auto history = testing::history_of(data, user);
    const std::vector<float> scores = snapshot->score_all({.history = history});
    for (size_t item = 0; item < scores.size(); ++item) {
      double expected = 0;
      for (const ItemWeight& seen : history)
        expected += (parameters.by_weight ? seen.weight : 1) * weights[seen.item][item];
      CHECK(scores[item] == Approx(expected).epsilon(1e-5).margin(2e-6));
    }
  }
}

}  // namespace

TEST_CASE("item_knn scores as the plain sum over the nearest items of the history") {
  using Similarity = ItemKnnParameters::Similarity;
  const Interactions data = testing::random_interactions(70, 40, 9, 41, true);
  // All neighbours: which of several equal ones is kept cannot matter.
  for (const Similarity similarity : {Similarity::kCosine, Similarity::kBm25})
    for (const float shrinkage : {0.0f, 10.0f})
      for (const bool by_weight : {false, true})
        check_scores({.neighbours = 40, .similarity = similarity, .shrinkage = shrinkage, .by_weight = by_weight},
                     data);
}

TEST_CASE("item_knn keeps the nearest of an item's neighbours, equal ones by smaller number") {
  const Interactions data = testing::random_interactions(70, 40, 9, 42);
  const ModelSnapshotPtr snapshot = fitted({.neighbours = 3}, data);
  const Dense weights = similarities(data, {.neighbours = 3});
  for (int32_t item = 0; item < 40; ++item) {
    std::vector<float> row(weights[item].begin(), weights[item].end());
    const std::vector<ScoredItem> nearest = testing::full_sort(row, {item}, 3), found = snapshot->similar(item, 3);
    REQUIRE(found.size() == 3);
    for (size_t place = 0; place < 3 && nearest[place].score > 0; ++place)
      CHECK(found[place].score == Approx(nearest[place].score).margin(1e-5));
  }
}

TEST_CASE("item_knn gives a new item the similarities that a new training would give it") {
  using Similarity = ItemKnnParameters::Similarity;
  for (const Similarity similarity : {Similarity::kCosine, Similarity::kBm25}) {
    // With b = 0 and equally long histories nothing that the new item changes for the others enters their similarity.
    const ItemKnnParameters parameters{.neighbours = 40, .similarity = similarity, .shrinkage = 2, .b = 0};
    const Interactions data = testing::random_interactions(90, 30, 8, 43);
    std::vector<ModelSnapshot::NewItem> added = {{"new", {}}};
    InteractionsBuilder builder;
    for (int32_t user = 0; user < data.by_user.rows; ++user) {
      const auto history = testing::history_of(data, user);
      for (const ItemWeight& seen : history)
        builder.add({data.users[user], data.items[seen.item], 1, {0}});
      if (user % 4 != 0)
        continue;
      builder.add({data.users[user], "new", 1, {0}});
      added.front().fans.push_back({history, 1});
    }
    const ModelSnapshotPtr extended = fitted(parameters, data)->with_items(added);
    const ModelSnapshotPtr trained = fitted(parameters, std::move(builder).build());
    REQUIRE(extended->items() == trained->items());
    const std::vector<ItemWeight> history = testing::history_of(data, 7);
    // bm25 counts items: one more makes a small difference.
    CHECK(
        extended->score_all({.history = history}).back() ==
        Approx(trained->score_all({.history = history}).back()).epsilon(similarity == Similarity::kBm25 ? 0.05 : 1e-5));
    CHECK(extended->similar(30, 1).front().item == trained->similar(30, 1).front().item);
  }
}

TEST_CASE("item_knn orders what nothing speaks for by popularity") {
  InteractionsBuilder builder;
  for (int user = 0; user < 20; ++user) {
    builder.add({std::to_string(user), user < 2 ? "rare" : "often", 1, {0}});
    if (user < 5)
      builder.add({"other " + std::to_string(user), user < 4 ? "a" : "b", 1, {0}});
  }
  builder.add({"pair", "a", 1, {0}});
  builder.add({"pair", "b", 1, {0}});
  const ModelSnapshotPtr snapshot = fitted({}, std::move(builder).build());
  const std::vector<ItemWeight> history = {{0, 1}};
  std::vector<std::string> order;
  for (const ScoredItem& item : snapshot->recommend({.history = history, .n = 3}))
    order.push_back(snapshot->items()[item.item]);
  CHECK(order == std::vector<std::string>{"b", "often", "rare"});
  CHECK(snapshot->because({.history = history}, 1, 3) == std::vector<int32_t>{0});
}

}  // namespace penstock
