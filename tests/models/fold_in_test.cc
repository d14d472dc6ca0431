// That answers between trainings are those of a training: a user folded in against given items is what a training makes
// of that user before it moves the items.
#include "models/fold_in.h"

#include <catch2/catch.hpp>

#include "models/als_snapshot.h"
#include "models/als_trainer.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

std::shared_ptr<const AlsSnapshot> fitted(const AlsParameters& parameters, const Interactions& data) {
  testing::NoProgress progress;
  return std::static_pointer_cast<const AlsSnapshot>(make_als(parameters).value()->fit(data, {1, 2}, progress).value());
}

}  // namespace

TEST_CASE("a fold-in of every user is what the next training solves against the same items") {
  AlsParameters parameters;
  parameters.factors = 24;
  parameters.low_priority = false;
  parameters.warm_start = true;
  const Interactions data = testing::random_interactions(200, 120, 12, 21, true);
  const auto before = fitted(parameters, data);
  // Some users have new events with known items; the items have not moved yet.
  InteractionsBuilder builder;
  for (int32_t user = 0; user < data.by_user.rows; ++user) {
    for (const ItemWeight& seen : testing::history_of(data, user))
      builder.add({data.users[user], data.items[seen.item], seen.weight, {0}});
    if (user % 3 == 0)
      builder.add({data.users[user], data.items[(user * 7) % data.by_user.columns], 2, {1}});
  }
  const Interactions now = std::move(builder).build();
  REQUIRE(now.items == data.items);
  parameters.solver = AlsParameters::Solver::kExact;
  AlsTrainer trainer(parameters, now, 1, 2, &before->state());
  trainer.iterate();  // all users against `before`'s items, then the items
  for (int32_t user = 0; user < now.by_user.rows; ++user) {
    const std::vector<ItemWeight> history = testing::history_of(now, user);
    const AlignedFloats folded = before->user_factors(history);
    double error = 0, size = 0;
    for (size_t k = 0; k < folded.size(); ++k) {
      const double wanted = trainer.users().row(user)[k];
      error += (wanted - folded[k]) * (wanted - folded[k]);
      size += wanted * wanted;
    }
    CAPTURE(user);
    CHECK(std::sqrt(error) < 1e-3 * std::sqrt(size));
  }
}

TEST_CASE("users whose items did not change have the same answers from a fold-in as after a training to the end") {
  AlsParameters parameters;
  parameters.factors = 12;
  parameters.iterations = 200;
  parameters.low_priority = false;
  const Interactions data = testing::random_interactions(150, 80, 12, 22);
  const auto snapshot = fitted(parameters, data);
  AlsTrainer trainer(parameters, data, 1, 2);
  for (int iteration = 0; iteration < parameters.iterations; ++iteration)
    trainer.iterate();
  for (int32_t user = 0; user < data.by_user.rows; ++user) {
    const std::vector<float> folded = snapshot->score_all({.history = testing::history_of(data, user)});
    double error = 0, size = 0;
    for (int32_t item = 0; item < data.by_item.rows; ++item) {
      const double trained = kernels().dot(trainer.users().row(user), trainer.items().row(item), trainer.items().width);
      error += (trained - folded[item]) * (trained - folded[item]);
      size += trained * trained;
    }
    CAPTURE(user);
    CHECK(std::sqrt(error) < 0.02 * std::sqrt(size));  // the training's passes read factors in half precision
  }
}

}  // namespace penstock
