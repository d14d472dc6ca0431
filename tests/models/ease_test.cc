#include "models/ease.h"

#include <catch2/catch.hpp>

#include "models/spd_inverse.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::Dense;
using testing::NoProgress;

ModelSnapshotPtr fitted(const EaseParameters& parameters, const Interactions& data) {
  NoProgress progress;
  return make_ease(parameters)->fit(data, {1, 2}, progress).value();
}

// B, by the definition: for each item the ridge regression on all others, as normal equations without that item.
Dense regressions(const Interactions& data, double lambda, bool by_weight) {
  const auto items = static_cast<size_t>(data.by_item.rows);
  Dense gram(items, std::vector<double>(items));
  for (int32_t user = 0; user < data.by_user.rows; ++user) {
    for (const ItemWeight& a : testing::history_of(data, user))
      for (const ItemWeight& b : testing::history_of(data, user))
        gram[a.item][b.item] += by_weight ? static_cast<double>(a.weight) * b.weight : 1;
  }
  Dense weights(items, std::vector<double>(items));
  for (size_t target = 0; target < items; ++target) {
    Dense matrix;
    std::vector<double> right;
    for (size_t row = 0; row < items; ++row) {
      if (row == target)
        continue;
      std::vector<double> line;
      for (size_t column = 0; column < items; ++column)
        if (column != target)
          line.push_back(gram[row][column] + (row == column ? lambda : 0));
      matrix.push_back(std::move(line));
      right.push_back(gram[row][target]);
    }
    const std::vector<double> solution = testing::solve(matrix, right);
    for (size_t row = 0; row < items; ++row)
      if (row != target)
        weights[row][target] = solution[row - (row > target)];
  }
  return weights;
}

}  // namespace

TEST_CASE("ease foretells each item as the ridge regression on all others does") {
  for (const bool by_weight : {false, true}) {
    const Interactions data = testing::random_interactions(80, 30, 8, 5, true);
    const ModelSnapshotPtr snapshot = fitted({.regularization = 3, .by_weight = by_weight}, data);
    const Dense weights = regressions(data, 3, by_weight);
    for (int32_t user = 0; user < 20; ++user) {
      const auto history = testing::history_of(data, user);
      const std::vector<float> scores = snapshot->score_all({.history = history});
      for (size_t item = 0; item < scores.size(); ++item) {
        double expected = 0;
        for (const ItemWeight& seen : history)
          expected += (by_weight ? seen.weight : 1) * weights[seen.item][item];
        CHECK(scores[item] == Approx(expected).margin(2e-6));
      }
    }
  }
}

TEST_CASE("ease gives a new item the weights that a new training would give it") {
  // The last item is new: training without it, then adding it, must foretell it like training with it.
  const Interactions whole = testing::random_interactions(120, 20, 7, 6);
  const auto last = static_cast<int32_t>(whole.items.size()) - 1;
  InteractionsBuilder builder;
  ModelSnapshot::NewItem added{whole.items.back(), {}};
  for (int32_t user = 0; user < whole.by_user.rows; ++user) {
    std::vector<ItemWeight> others = testing::history_of(whole, user);
    const bool fan = !others.empty() && others.back().item == last;
    if (fan)
      others.pop_back();
    for (const ItemWeight& seen : others)
      builder.add({whole.users[user], whole.items[seen.item], seen.weight, {0}});
    if (fan)
      added.fans.push_back({others, 1});
  }
  const Interactions before = std::move(builder).build();
  REQUIRE(before.items.size() == whole.items.size() - 1);
  const ModelSnapshotPtr trained = fitted({.regularization = 5}, whole);
  const ModelSnapshotPtr extended =
      fitted({.regularization = 5}, before)->with_items(std::vector<ModelSnapshot::NewItem>{added});
  REQUIRE(extended->items() == trained->items());
  for (int32_t user = 0; user < 40; ++user) {
    std::vector<ItemWeight> history = testing::history_of(before, user);
    CHECK(extended->score_all({.history = history})[last] ==
          Approx(trained->score_all({.history = history})[last]).margin(2e-6));
  }
  const std::vector<ItemWeight> only = {{last, 1}};
  for (int32_t item = 0; item < last; ++item)
    CHECK(extended->score_all({.history = only})[item] ==
          Approx(trained->score_all({.history = only})[item]).margin(2e-6));
}

TEST_CASE("ease keeps the strongest weights of an item if told to") {
  const Interactions data = testing::random_interactions(80, 30, 8, 7);
  const ModelSnapshotPtr all = fitted({.regularization = 3}, data);
  const ModelSnapshotPtr some = fitted({.regularization = 3, .neighbours = 4}, data);
  CHECK(some->memory() < all->memory());
  const std::vector<ItemWeight> history = {{3, 1}};
  size_t kept = 0;
  for (const float score : some->score_all({.history = history}))
    kept += std::abs(score) > 1e-5f;
  CHECK(kept == 4);
  // What is kept is what stands first in size.
  std::vector<float> sizes = all->score_all({.history = history});
  for (float& size : sizes)
    size = std::abs(size);
  std::sort(sizes.rbegin(), sizes.rend());
  for (const float score : some->score_all({.history = history}))
    CHECK((std::abs(score) < 1e-5f || std::abs(score) >= sizes[3] - 1e-6f));
}

TEST_CASE("ease names the items of a history that speak for another") {
  InteractionsBuilder builder;
  for (int user = 0; user < 30; ++user) {
    const bool tea = user % 2 == 0;
    builder.add({std::to_string(user), tea ? "kettle" : "mill", 1, {0}});
    builder.add({std::to_string(user), tea ? "tea" : "coffee", 1, {0}});
    builder.add({std::to_string(user), "cup", 1, {0}});
  }
  const ModelSnapshotPtr snapshot = fitted({.regularization = 1}, std::move(builder).build());
  const auto number = [&](std::string_view id) {
    return static_cast<int32_t>(std::ranges::find(snapshot->items(), id) - snapshot->items().begin());
  };
  const std::vector<ItemWeight> history = {{number("cup"), 1}, {number("kettle"), 1}, {number("mill"), 0}};
  const std::vector<int32_t> because = snapshot->because({.history = history}, number("tea"), 5);
  REQUIRE_FALSE(because.empty());
  CHECK(because.front() == number("kettle"));
  CHECK(snapshot->because({.history = history}, number("tea"), 1).size() == 1);
}

TEST_CASE("ease refuses a catalogue that is too large, and says what would help") {
  const Interactions data = testing::random_interactions(80, 30, 8, 7);
  NoProgress progress;
  const auto refused = make_ease({.max_items = 29})->fit(data, {1, 2}, progress);
  CHECK(refused.status().code() == Code::kResourceExhausted);
  CHECK_THAT(refused.status().message(), Catch::Contains("30 items") && Catch::Contains("max_items") &&
                                             Catch::Contains("29") && Catch::Contains("item_knn"));
  CHECK(make_ease({})->training_bytes(1000, 20000, 10000) > 1'600'000'000);
  CHECK(make_ease({})->training_bytes(1000, 2000, 10000) < 200'000'000);
}

TEST_CASE("ease stops when it is told to") {
  NoProgress progress;
  progress.notes.emplace_back("told before");
  progress.cancel_after = 1;
  const Interactions data = testing::random_interactions(80, 30, 8, 7);
  CHECK(make_ease({})->fit(data, {1, 2}, progress).status().code() == Code::kCancelled);
}

TEST_CASE("the inverse of a positive definite matrix times the matrix is one, over several blocks") {
  Random random(3);
  const int64_t n = 300;
  SymmetricMatrix<double> matrix(n);
  Dense whole(n, std::vector<double>(n));
  for (int64_t row = 0; row < n; ++row) {
    for (int64_t column = 0; column <= row; ++column)
      whole[row][column] = whole[column][row] = random.uniform() - 0.5 + (row == column ? 40 : 0);
  }
  for (int64_t row = 0; row < n; ++row)
    for (int64_t column = 0; column <= row; ++column)
      matrix.lower(row, column) = whole[row][column];
  Workers workers(2, false);
  NoProgress progress;
  REQUIRE(invert(matrix, workers, progress).ok());
  double worst = 0;
  for (int64_t row = 0; row < n; ++row) {
    for (int64_t column = 0; column < n; ++column) {
      double product = 0;
      for (int64_t k = 0; k < n; ++k)
        product += whole[row][k] * matrix.inverse(k, column);
      worst = std::max(worst, std::abs(product - (row == column ? 1 : 0)));
    }
  }
  CHECK(worst < 1e-10);
}

TEST_CASE("a matrix that is not positive definite is refused") {
  SymmetricMatrix<float> matrix(3);
  for (int64_t row = 0; row < 3; ++row)
    matrix.lower(row, row) = row == 1 ? -1.0f : 1.0f;
  Workers workers(1, false);
  NoProgress progress;
  CHECK(invert(matrix, workers, progress).code() == Code::kFailedPrecondition);
}

}  // namespace penstock
