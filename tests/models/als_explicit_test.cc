// als with ratings as targets, against the dense normal equations of ALS-WR.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <map>

#include "models/als_snapshot.h"
#include "models/als_trainer.h"
#include "models/registry.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

AlsParameters ratings(int factors, float regularization) {
  AlsParameters parameters;
  parameters.feedback = AlsParameters::Feedback::kExplicit;
  parameters.factors = factors;
  parameters.regularization = regularization;
  parameters.low_priority = false;
  return parameters;
}

std::shared_ptr<const AlsSnapshot> fitted(const AlsParameters& parameters, const Interactions& data) {
  testing::NoProgress progress;
  return std::static_pointer_cast<const AlsSnapshot>(make_als(parameters).value()->fit(data, {1, 2}, progress).value());
}

// (λ n + sum of y yᵀ) x = sum of r y
std::vector<double> dense_row(const Factors& others, const std::vector<ItemWeight>& rated, double lambda) {
  const size_t k = others.factors;
  testing::Dense a(k, std::vector<double>(k));
  std::vector<double> b(k);
  for (const ItemWeight& rating : rated) {
    const float* y = others.row(rating.item);
    for (size_t i = 0; i < k; ++i) {
      b[i] += static_cast<double>(rating.weight) * y[i];
      for (size_t j = 0; j < k; ++j)
        a[i][j] += static_cast<double>(y[i]) * y[j];
    }
  }
  for (size_t i = 0; i < k; ++i)
    a[i][i] += lambda * static_cast<double>(rated.size());
  return testing::solve(a, b);
}

Interactions movielens(const std::string& name) {
  const char* folder = std::getenv("PENSTOCK_DATA");
  InteractionsBuilder builder;
  std::ifstream file((folder != nullptr ? folder : std::string(PENSTOCK_SOURCE_DIR) + "/../shared/data") +
                     "/movielens-100k/" + name);
  std::string user, item;
  float rating = 0;
  int64_t seconds = 0;
  while (file >> user >> item >> rating >> seconds)
    builder.add({user, item, rating, {seconds * 1000000}});
  return std::move(builder).build();
}

}  // namespace

TEST_CASE("explicit als folds a user in as the dense normal equations of ALS-WR do") {
  const Interactions data = testing::random_interactions(120, 70, 14, 31, true);
  const auto snapshot = fitted(ratings(10, 0.1f), data);
  for (int32_t user = 0; user < data.by_user.rows; user += 7) {
    const std::vector<ItemWeight> history = testing::history_of(data, user);
    const std::vector<double> wanted = dense_row(snapshot->state().factors, history, 0.1);
    const AlignedFloats found = snapshot->user_factors(history);
    for (size_t k = 0; k < wanted.size(); ++k)
      CHECK(found[k] == Approx(wanted[k]).margin(1e-4));
  }
}

TEST_CASE("explicit als: quick and exact solver come to the same objective, counted rating by rating") {
  const Interactions data = testing::random_interactions(120, 70, 14, 31, true);
  AlsParameters parameters = ratings(6, 0.1f);
  parameters.unobserved_weight = 0;  // as Als trains it
  parameters.frequency_exponent = 1;
  parameters.svd_start = false;
  AlsTrainer quick(parameters, data, 1, 2);
  parameters.solver = AlsParameters::Solver::kExact;
  AlsTrainer exact(parameters, data, 1, 2);
  for (int iteration = 0; iteration < 40; ++iteration) {
    quick.iterate();
    exact.iterate();
  }
  double naive = 0;
  for (int32_t user = 0; user < data.by_user.rows; ++user) {
    const float* x = quick.users().row(user);
    for (const ItemWeight& seen : testing::history_of(data, user)) {
      const float* y = quick.items().row(seen.item);
      const double error = seen.weight - kernels().dot(x, y, quick.users().width);
      naive += error * error + 0.1 * kernels().dot(x, x, quick.users().width) +
               0.1 * kernels().dot(y, y, quick.users().width);
    }
  }
  CHECK(quick.objective() == Approx(naive / static_cast<double>(data.by_user.entries())).epsilon(1e-4));
  CHECK(quick.tracked_objective() == Approx(quick.objective()).epsilon(2e-3));
  CHECK(quick.objective() == Approx(exact.objective()).epsilon(0.02));
}

TEST_CASE("explicit als is stored and read again, and is declared") {
  const Interactions data = testing::random_interactions(40, 30, 8, 33, true);
  const ModelPtr model = make_model("als", {{"feedback", "explicit"}, {"factors", "4"}}).value();
  testing::NoProgress progress;
  const ModelSnapshotPtr snapshot = model->fit(data, {1, 2}, progress).value();
  CHECK(model->load(snapshot->save()).value()->save() == snapshot->save());
  CHECK(make_model("als", model->parameters()).value()->parameters() == model->parameters());
}

TEST_CASE("explicit als foretells MovieLens 100K's held-out ratings") {
  const Interactions train = movielens("ua.base"), test = movielens("ua.test");
  if (train.events == 0 || test.events == 0) {
    WARN("skipped: there is no movielens-100k/ua.base; set PENSTOCK_DATA");
    return;
  }
  const auto snapshot = fitted(ratings(16, 0.1f), train);
  std::map<std::string, int32_t> users, items;
  for (size_t user = 0; user < train.users.size(); ++user)
    users[train.users[user]] = static_cast<int32_t>(user);
  for (size_t item = 0; item < train.items.size(); ++item)
    items[train.items[item]] = static_cast<int32_t>(item);
  double squares = 0, squares_of_mean = 0, mean = 0;
  int64_t counted = 0;
  for (const float rating : train.by_user.values)
    mean += rating / static_cast<double>(train.by_user.entries());
  for (int32_t user = 0; user < test.by_user.rows; ++user) {
    std::vector<int32_t> asked;
    std::vector<float> wanted;
    for (const ItemWeight& rated : testing::history_of(test, user)) {
      const auto known = items.find(test.items[rated.item]);
      if (known == items.end())
        continue;
      asked.push_back(known->second);
      wanted.push_back(rated.weight);
    }
    const auto history = testing::history_of(train, users.at(test.users[user]));
    const std::vector<float> foretold = snapshot->score({.history = history}, asked);
    for (size_t i = 0; i < asked.size(); ++i, ++counted) {
      squares += (foretold[i] - wanted[i]) * (foretold[i] - wanted[i]);
      squares_of_mean += (mean - wanted[i]) * (mean - wanted[i]);
    }
  }
  const double rmse = std::sqrt(squares / static_cast<double>(counted));
  INFO("rmse " << rmse << ", of the mean rating " << std::sqrt(squares_of_mean / static_cast<double>(counted)));
  CHECK(rmse < 0.96);
}

}  // namespace penstock
