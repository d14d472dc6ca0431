#include "models/als.h"

#include <catch2/catch.hpp>

#include "models/als_snapshot.h"
#include "models/als_trainer.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::Dense;

Dense dense(const Factors& factors) {
  Dense out(factors.rows, std::vector<double>(factors.factors));
  for (int64_t row = 0; row < factors.rows; ++row)
    std::copy(factors.row(row), factors.row(row) + factors.factors, out[row].begin());
  return out;
}

double relative_error(const std::vector<double>& wanted, const float* found) {
  double error = 0, size = 0;
  for (size_t k = 0; k < wanted.size(); ++k) {
    error += (wanted[k] - found[k]) * (wanted[k] - found[k]);
    size += wanted[k] * wanted[k];
  }
  return std::sqrt(error / std::max(size, 1e-30));
}

AlsParameters small(int factors) {
  AlsParameters parameters;
  parameters.factors = factors;
  parameters.iterations = 8;
  parameters.low_priority = false;
  return parameters;
}

}  // namespace

TEST_CASE("als exact solver's items are the solutions of the dense normal equations") {
  for (const bool weighted : {false, true}) {
    const Interactions data = testing::random_interactions(40, 30, 8, 11, weighted);
    AlsParameters parameters = small(7);
    parameters.solver = AlsParameters::Solver::kExact;
    AlsTrainer trainer(parameters, data, 1, 2);
    trainer.iterate();
    const Dense x = dense(trainer.users());
    for (int32_t item = 0; item < data.by_item.rows; ++item) {
      const auto users = data.by_item.row_indices(item);
      const auto values = data.by_item.row_values(item);
      const std::vector<double> wanted = testing::dense_row(
          x, {users.begin(), users.end()}, {values.begin(), values.end()}, parameters.unobserved_weight,
          als_lambda(parameters, static_cast<int64_t>(users.size()), data.by_user.rows));
      CHECK(relative_error(wanted, trainer.items().row(item)) < 1e-3);
    }
  }
}

TEST_CASE("als objective is what a recount pair by pair finds, and never rises") {
  for (const bool weighted : {false, true}) {
    for (const bool svd : {false, true}) {
      const Interactions data = testing::random_interactions(60, 45, 9, 12, weighted);
      AlsParameters parameters = small(10);
      parameters.svd_start = svd;
      AlsTrainer trainer(parameters, data, 1, 2);
      const auto entries = static_cast<double>(data.by_user.entries());
      double before = trainer.objective();
      for (int iteration = 0; iteration < 8; ++iteration) {
        trainer.iterate();
        const double now = trainer.objective();
        const double naive =
            testing::objective(data, dense(trainer.users()), dense(trainer.items()), parameters) / entries;
        CAPTURE(weighted, svd, iteration);
        CHECK(now == Approx(naive).epsilon(1e-4));
        CHECK(trainer.tracked_objective() == Approx(naive).epsilon(1e-3));  // factors in half precision
        CHECK(now <= before * (1 + 1e-5));
        before = now;
      }
    }
  }
}

TEST_CASE("als fast solver reaches the objective of the exact one") {
  const Interactions data = testing::random_interactions(150, 90, 15, 13);
  for (const int factors : {5, 24}) {
    AlsParameters parameters = small(factors);
    AlsTrainer fast(parameters, data, 1, 2);
    parameters.solver = AlsParameters::Solver::kExact;
    AlsTrainer exact(parameters, data, 1, 2);
    for (int iteration = 0; iteration < 30; ++iteration) {
      fast.iterate();
      exact.iterate();
    }
    CHECK(fast.objective() == Approx(exact.objective()).epsilon(2e-3));
  }
}

TEST_CASE("als starts from noise as well, and arrives") {
  const Interactions data = testing::random_interactions(150, 90, 15, 13);
  AlsParameters parameters = small(8);
  AlsTrainer svd(parameters, data, 1, 1);
  parameters.svd_start = false;
  AlsTrainer noise(parameters, data, 1, 1);
  const double at_start = noise.objective();
  for (int iteration = 0; iteration < 40; ++iteration) {
    svd.iterate();
    noise.iterate();
  }
  CHECK(noise.objective() < at_start);
  CHECK(noise.objective() == Approx(svd.objective()).epsilon(0.02));
}

TEST_CASE("als gives the same bytes for a seed, whatever the number of threads") {
  const Interactions data = testing::random_interactions(700, 400, 20, 14, true);
  for (const bool svd : {false, true}) {
    AlsParameters parameters = small(20);
    parameters.svd_start = svd;
    testing::NoProgress progress;
    const ModelPtr model = make_als(parameters).value();
    const std::string once = model->fit(data, {5, 1}, progress).value()->save();
    CHECK(model->fit(data, {5, 1}, progress).value()->save() == once);
    CHECK(model->fit(data, {5, 2}, progress).value()->save() == once);
    CHECK(model->fit(data, {5, 3}, progress).value()->save() == once);
    CHECK(model->fit(data, {6, 2}, progress).value()->save() != once);
  }
}

TEST_CASE("als passes over tiles of a large side as over a small one") {
  // 20,000 items of 64 factors are 5 MB: several tiles for users with enough entries.
  Random random(15);
  InteractionsBuilder builder;
  for (int user = 0; user < 40; ++user) {
    for (int n = 0; n < 300; ++n)
      builder.add({std::to_string(user), std::to_string(random.below(20000)), 1, {0}});
  }
  const Interactions data = std::move(builder).build();
  AlsParameters parameters = small(64);
  REQUIRE(AlsSide(data.by_user, parameters, 64).tiles > 1);
  AlsTrainer trainer(parameters, data, 1, 2);
  trainer.iterate();
  CHECK(trainer.tracked_objective() == Approx(trainer.objective()).epsilon(1e-3));
}

TEST_CASE("als folds a user in as the dense normal equations do, to 1e-4") {
  for (const int factors : {3, 16, 64, 100}) {
    const Interactions data = testing::random_interactions(300, 1500, 40, 16, true);
    testing::NoProgress progress;
    const AlsParameters parameters = small(factors);
    const auto snapshot =
        std::static_pointer_cast<const AlsSnapshot>(make_als(parameters).value()->fit(data, {1, 2}, progress).value());
    const Dense y = dense(snapshot->state().factors);
    Random random(17);
    for (const size_t length : {size_t{1}, size_t{5}, size_t{60}, size_t{700}}) {
      std::vector<ItemWeight> history;
      std::vector<int32_t> items;
      std::vector<float> weights;
      for (int32_t item = 0; item < data.by_item.rows && history.size() < length; item += 2) {
        history.push_back({item, static_cast<float>(0.1 + 3 * random.uniform())});
        items.push_back(item);
        weights.push_back(history.back().weight);
      }
      const std::vector<double> wanted =
          testing::dense_row(y, items, weights, parameters.unobserved_weight,
                             als_lambda(parameters, static_cast<int64_t>(items.size()), data.by_item.rows));
      CAPTURE(factors, length);
      CHECK(relative_error(wanted, snapshot->user_factors(history).data()) < 1e-4);
    }
  }
}

TEST_CASE("als solves a new item from its fans and keeps the others") {
  const Interactions data = testing::random_interactions(200, 80, 15, 18);
  testing::NoProgress progress;
  const ModelSnapshotPtr before = make_als(small(12)).value()->fit(data, {1, 2}, progress).value();
  // An item that the fans of item 3 like as well should become like item 3.
  ModelSnapshot::NewItem twin{"twin", {}};
  for (const int32_t user : data.by_item.row_indices(3))
    twin.fans.push_back({testing::history_of(data, user), 1});
  const ModelSnapshotPtr after = before->with_items(std::vector<ModelSnapshot::NewItem>{twin, {"nobody's", {}}});
  REQUIRE(after->items().size() == before->items().size() + 2);
  const auto twin_number = static_cast<int32_t>(before->items().size());
  CHECK(after->items()[twin_number] == "twin");
  CHECK(after->similar(twin_number, 1).front().item == 3);
  const auto history = testing::history_of(data, 7);
  const std::vector<float> old_scores = before->score_all({.history = history}),
                           new_scores = after->score_all({.history = history});
  CHECK(std::equal(old_scores.begin(), old_scores.end(), new_scores.begin()));
  CHECK(new_scores.back() == 0);
  CHECK(after->similar(twin_number + 1, 3).front().score == 0);
}

TEST_CASE("als takes weights that are not positive as seen, not as liked") {
  InteractionsBuilder builder;
  for (int user = 0; user < 12; ++user) {
    for (int item = user % 2; item < 10; item += 2)
      builder.add({std::to_string(user), std::to_string(item), 1, {0}});
    builder.add({std::to_string(user), std::to_string(9 - user % 2), -3, {0}});
  }
  const Interactions data = std::move(builder).build();
  testing::NoProgress progress;
  const ModelSnapshotPtr snapshot = make_als(small(4)).value()->fit(data, {1, 1}, progress).value();
  const std::vector<ItemWeight> liked = {{0, 1}, {2, 1}, {3, -5}};
  const std::vector<float> scores = snapshot->score_all({.history = liked});
  CHECK(scores[4] > scores[5]);
  for (const ScoredItem& item : snapshot->recommend({.history = liked, .n = 20}))
    CHECK(item.item != 3);
}

TEST_CASE("als refuses what cannot be learnt from and parameters out of range") {
  testing::NoProgress progress;
  const Interactions nothing = InteractionsBuilder().build();
  const Status status = make_als({}).value()->fit(nothing, {1, 1}, progress).status();
  CHECK(status.to_string() == "invalid_argument: there is nothing to learn from: no interaction has a weight above 0");
  CHECK(make_als({.factors = 0}).status().message() == "factors must be from 1 to 1024, not 0");
  CHECK(make_als({.regularization = std::nanf("")}).status().code() == Code::kInvalidArgument);
  const Interactions data = testing::random_interactions(20, 20, 5, 1);
  progress.cancel_after = 2;
  CHECK(make_als(small(4)).value()->fit(data, {1, 1}, progress).status().message() ==
        "the training was cancelled after 2 iterations");
}

TEST_CASE("als learns with more factors than there are items") {
  testing::NoProgress progress;
  const Interactions data = testing::random_interactions(6, 5, 3, 2);
  for (const int factors : {1, 64, 200}) {
    AlsParameters parameters = small(factors);
    parameters.iterations = 2;
    const ModelSnapshotPtr snapshot = make_als(parameters).value()->fit(data, {1, 2}, progress).value();
    for (const float score : snapshot->score_all({.history = testing::history_of(data, 0)}))
      CHECK(std::isfinite(score));
  }
}

}  // namespace penstock
