// Models hybrid and bpr: their steps against the derivative they stand for, the same result on any number of threads, and
// who is answered from what.
#include "models/hybrid.h"

#include <catch2/catch.hpp>

#include "models/embeddings.h"
#include "models/features.h"
#include "models/hybrid_snapshot.h"
#include "models/kernels.h"
#include "models/rank_kernels.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::NoProgress;

// Users like items of their own colour; both have it as a feature beside one that says nothing.
Interactions coloured(int users, int items, int per_user, uint64_t seed) {
  Interactions data = testing::random_interactions(users, items, per_user, seed);
  const auto colours = [](const std::vector<std::string>& ids) {
    std::vector<std::vector<Feature>> rows;
    for (const std::string& id : ids)
      rows.push_back({{std::stoi(id) % 2 == 0 ? "colour=black" : "colour=white"}, {"shape=round"}});
    return make_features(rows);
  };
  data.user_features = colours(data.users);
  data.item_features = colours(data.items);
  return data;
}

std::shared_ptr<const HybridSnapshot> fitted(const Interactions& data, HybridParameters parameters, int threads = 2) {
  NoProgress progress;
  parameters.factors = 16;
  const ModelPtr model = make_hybrid(parameters).value();
  return std::dynamic_pointer_cast<const HybridSnapshot>(model->fit(data, {1, threads}, progress).value());
}

int of_colour(const ModelSnapshot& snapshot, const std::vector<ScoredItem>& items, int colour) {
  int count = 0;
  for (const ScoredItem& item : items)
    count += std::stoi(snapshot.items()[item.item]) % 2 == colour;
  return count;
}

std::vector<float> random_row(int width, Random& random) {
  std::vector<float> row(width);
  for (float& value : row)
    value = static_cast<float>(random.normal());
  return row;
}

AlignedFloats aligned(const std::vector<float>& from) {
  AlignedFloats to(from.size());
  std::copy(from.begin(), from.end(), to.data());
  return to;
}

}  // namespace

TEST_CASE("a step on a pair follows the derivative of the pair's loss, scaled by Adagrad") {
  constexpr int kWidth = 32;
  constexpr float kLoss = 1.5f, kRate = 0.1f;
  Random random(1);
  const std::vector<float> x = random_row(kWidth, random), p = random_row(kWidth, random),
                           n = random_row(kWidth, random);
  AlignedFloats user = aligned(x), good = aligned(p), bad = aligned(n);
  AlignedFloats user_squares(kWidth), good_squares(kWidth), bad_squares(kWidth);
  for (int j = 0; j < kWidth; ++j) {
    user_squares[j] = static_cast<float>(1 + j);
    good_squares[j] = bad_squares[j] = 4;
  }
  rank_kernels().descend_pair({user.data(), user_squares.data()}, {good.data(), good_squares.data()},
                              {bad.data(), bad_squares.data()}, kLoss, kRate, kWidth);
  for (int j = 0; j < kWidth; ++j) {
    // of kLoss · (x·n − x·p) by x_j, p_j and n_j
    const float by_x = kLoss * (n[j] - p[j]), by_p = -kLoss * x[j], by_n = kLoss * x[j];
    CHECK(user[j] == Approx(x[j] - kRate * by_x / std::sqrt(1.0f + static_cast<float>(j))).margin(2e-4));
    CHECK(good[j] == Approx(p[j] - kRate * by_p / 2).margin(2e-4));
    CHECK(bad[j] == Approx(n[j] - kRate * by_n / 2).margin(2e-4));
    CHECK(user_squares[j] == Approx(static_cast<float>(1 + j) + by_x * by_x));
    CHECK(bad_squares[j] == Approx(4 + by_n * by_n));
  }
}

TEST_CASE("four products at once are those of one at a time") {
  constexpr int kWidth = 48;
  Random random(2);
  std::vector<AlignedFloats> rows;
  for (int k = 0; k < 5; ++k)
    rows.push_back(aligned(random_row(kWidth, random)));
  const float* four[4] = {rows[0].data(), rows[1].data(), rows[2].data(), rows[3].data()};
  float out[4];
  rank_kernels().dots(four, rows[4].data(), kWidth, out);
  for (int k = 0; k < 4; ++k)
    CHECK(out[k] == Approx(kernels().dot(four[k], rows[4].data(), kWidth)).margin(1e-4));
}

TEST_CASE("hybrid learns the same bytes on any number of threads, lanes and shared features or not") {
  Interactions data = coloured(1100, 4300, 12, 3);  // several lanes
  for (const bool features : {true, false}) {
    if (!features)
      data.user_features = data.item_features = {};
    const std::string once = fitted(data, {.epochs = 2}, 1)->save();
    CHECK(fitted(data, {.epochs = 2}, 2)->save() == once);
    CHECK(fitted(data, {.epochs = 2}, 5)->save() == once);
  }
}

TEST_CASE("hybrid answers users and items of whom only features are known") {
  const Interactions data = coloured(300, 200, 12, 4);
  for (const auto loss :
       {HybridParameters::Loss::kWarp, HybridParameters::Loss::kBpr, HybridParameters::Loss::kLogistic}) {
    CAPTURE(static_cast<int>(loss));
    const auto snapshot = fitted(data, {.loss = loss, .epochs = 20});
    for (const int colour : {0, 1}) {
      const std::vector<Feature> features = {{colour == 0 ? "colour=black" : "colour=white"}, {"never=seen"}};
      CHECK(of_colour(*snapshot, snapshot->recommend({.user = "new", .features = features, .n = 10}), colour) >= 9);
    }
    CHECK(snapshot->recommend({.user = "new", .n = 10}).empty());
    CHECK(snapshot->recommend({.features = std::vector<Feature>{{"never=seen"}}, .n = 10}).empty());

    const std::vector<ModelSnapshot::NewItem> added = {{"1000", {}, {{"colour=black"}}},
                                                       {"1001", {}, {{"colour=white"}}}};
    const ModelSnapshotPtr more = snapshot->with_items(added);
    const std::vector<float> black = more->score_all({.features = std::vector<Feature>{{"colour=black"}}});
    CHECK(black[200] > black[201]);
    for (const ScoredItem& item : more->similar(200, 5))
      CHECK(std::stoi(more->items()[item.item]) % 2 == 0);
  }
}

TEST_CASE("an item that nobody has is answered from its features, in training as later") {
  Interactions data = testing::random_interactions(300, 200, 12, 4);
  data.items.emplace_back("1000");
  data.by_user.columns = 201;
  data.by_item = data.by_user.transposed();
  std::vector<std::vector<Feature>> rows;
  for (const std::string& id : data.items)
    rows.push_back({{std::stoi(id) % 2 == 0 ? "colour=black" : "colour=white"}});
  data.item_features = make_features(rows);
  const auto snapshot = fitted(data, {.epochs = 20});
  for (const ScoredItem& item : snapshot->similar(200, 5, nullptr))
    CHECK(std::stoi(snapshot->items()[item.item]) % 2 == 0);
}

TEST_CASE("a user warms up: a history moves the answer of somebody known, unknown or described otherwise") {
  const Interactions data = coloured(300, 200, 12, 5);
  const auto snapshot = fitted(data, {.epochs = 20});
  std::vector<ItemWeight> white;
  for (int32_t item = 1; item < 40; item += 2)
    white.push_back({item, 1});
  CHECK(of_colour(*snapshot, snapshot->recommend({.user = "new", .history = white, .n = 10}), 1) >= 9);
  const std::vector<Feature> black = {{"colour=black"}};
  CHECK(of_colour(*snapshot, snapshot->recommend({.user = "new", .history = white, .features = black, .n = 10}), 1) >=
        6);

  // User 2 likes black ones.
  const auto history = testing::history_of(data, 2);
  const std::vector<float> trained = snapshot->score_all({.user = data.users[2], .history = history});
  std::vector<ItemWeight> longer = history;
  longer.insert(longer.end(), white.begin(), white.end());
  const std::vector<float> later = snapshot->score_all({.user = data.users[2], .history = longer});
  double before = 0, after = 0;
  for (size_t item = 41; item < 200; ++item) {
    before += (item % 2 == 1 ? 1 : -1) * trained[item];
    after += (item % 2 == 1 ? 1 : -1) * later[item];
  }
  CHECK(after > before);
}

TEST_CASE("fold-in does not depend on the order of the history") {
  const Interactions data = coloured(300, 200, 12, 6);
  const auto snapshot = fitted(data, {.epochs = 5});
  std::vector<ItemWeight> history = testing::history_of(data, 7);
  const std::vector<float> scores = snapshot->score_all({.history = history});
  std::reverse(history.begin(), history.end());
  CHECK(snapshot->score_all({.history = history}) == scores);
}

TEST_CASE("a new item is placed where its fans are, and not above what everybody has") {
  const Interactions data = coloured(300, 200, 12, 7);
  const auto snapshot = fitted(data, {.epochs = 20});
  ModelSnapshot::NewItem item{"1000", {}, {}};
  for (int32_t user = 0; user < 60; user += 2)
    item.fans.push_back({testing::history_of(data, user), 1});
  const ModelSnapshotPtr more = snapshot->with_items(std::vector{item});
  double fans = 0, others = 0;
  for (int32_t user = 100; user < 200; ++user) {
    const auto history = testing::history_of(data, user);
    const std::vector<float> scores = more->score_all({.user = data.users[user], .history = history});
    (user % 2 == 0 ? fans : others) += scores[200];
  }
  CHECK(fans > others);
}

TEST_CASE("hybrid and bpr name the parameter that is out of range") {
  CHECK(make_hybrid({.factors = 0}).status().message() == "factors must be from 1 to 1024, not 0");
  CHECK(make_hybrid({.learning_rate = 0}).status().message() == "learning_rate must be over 0 and at most 10, not 0");
  CHECK(make_bpr({.regularization = 1}).status().message() == "regularization must be from 0 to 0.5, not 1");
}

TEST_CASE("a training on pairs can be cancelled") {
  NoProgress progress;
  progress.cancel_after = 3;
  const Interactions data = testing::random_interactions(60, 40, 8, 8);
  CHECK(make_bpr({}).value()->fit(data, {1, 2}, progress).status().code() == Code::kCancelled);
  CHECK(progress.notes.size() == 3);
}

}  // namespace penstock
