#include <catch2/catch.hpp>

#include "models/als_snapshot.h"
#include "models/als_trainer.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

constexpr int kUsers = 300, kItems = 160, kGroups = 8;

// Users of a group like its items; `days` of events, the last ones with items and users that were not there before.
Interactions events_until(int days) {
  InteractionsBuilder builder;
  for (int day = 0; day < days; ++day) {
    Random random(static_cast<uint64_t>(100 + day));
    const uint64_t users = day < 10 ? kUsers - 20 : kUsers, items = day < 10 ? kItems - 10 : kItems;
    for (int event = 0; event < 600; ++event) {
      const uint64_t user = random.below(users);
      uint64_t item = random.below(items);
      if (random.below(5) != 0)
        item = item / kGroups * kGroups + user % kGroups;
      if (item < items)
        builder.add({std::to_string(user), std::to_string(item), 1, {day}});
    }
  }
  return std::move(builder).build();
}

AlsParameters parameters() {
  AlsParameters out;
  out.factors = 16;
  out.low_priority = false;
  out.warm_start = true;
  return out;
}

int iterations_to(AlsTrainer& trainer, double objective) {
  int iterations = 0;
  for (; trainer.objective() > objective && iterations < 50; ++iterations)
    trainer.iterate();
  return iterations;
}

}  // namespace

TEST_CASE("als started at an older version reaches a cold start's objective in a quarter of its iterations") {
  testing::NoProgress progress;
  const Interactions before = events_until(10), now = events_until(11);
  REQUIRE(now.items.size() > before.items.size());
  const auto older = std::static_pointer_cast<const AlsSnapshot>(
      make_als(parameters()).value()->fit(before, {1, 2}, progress).value());
  AlsTrainer cold(parameters(), now, 1, 2);
  for (int iteration = 0; iteration < 12; ++iteration)
    cold.iterate();
  AlsTrainer warm(parameters(), now, 1, 2, &older->state());
  CHECK(iterations_to(warm, cold.objective() * 1.0005) <= 3);
}

TEST_CASE("als started at an older version stops once it gains next to nothing") {
  const ModelPtr model = make_als(parameters()).value();
  testing::NoProgress first, again;
  const Interactions before = events_until(10), now = events_until(11);
  const ModelSnapshotPtr older = model->fit(before, {1, 2}, first).value();
  const ModelSnapshotPtr newer = model->fit(now, {1, 2, older.get()}, again).value();
  CHECK(first.notes.size() == 12);
  CHECK(again.notes.size() < 8);
  // It knows the new items, and the same start gives the same bytes on any number of threads.
  CHECK(newer->items() == now.items);
  const auto recommended = newer->recommend({.history = testing::history_of(now, 5), .n = kItems});
  CHECK(recommended.size() + testing::history_of(now, 5).size() == now.items.size());
  CHECK(model->fit(now, {1, 3, older.get()}, again).value()->save() == newer->save());
}

TEST_CASE("als starts cold where another version is of no use") {
  testing::NoProgress progress;
  const Interactions data = events_until(3);
  const auto fitted = [&](const AlsParameters& with, const ModelSnapshot* before) {
    return make_als(with).value()->fit(data, {1, 2, before}, progress).value()->save();
  };
  AlsParameters other = parameters();
  other.factors = 8;
  const ModelSnapshotPtr narrow = make_als(other).value()->fit(data, {1, 2}, progress).value();
  Interactions strangers = testing::random_interactions(30, 20, 5, 3);
  for (std::string& item : strangers.items)
    item += " elsewhere";
  const ModelSnapshotPtr strange = make_als(parameters()).value()->fit(strangers, {1, 2}, progress).value();
  const std::string cold = fitted(parameters(), nullptr);
  CHECK(fitted(parameters(), narrow.get()) == cold);
  CHECK(fitted(parameters(), strange.get()) == cold);
  AlsParameters unasked = parameters();
  unasked.warm_start = false;
  const ModelSnapshotPtr same = make_als(parameters()).value()->fit(data, {1, 2}, progress).value();
  CHECK(fitted(unasked, same.get()) == fitted(unasked, nullptr));
}

TEST_CASE("als with the exact solver starts at an older version, too") {
  testing::NoProgress progress;
  AlsParameters exact = parameters();
  exact.solver = AlsParameters::Solver::kExact;
  const Interactions before = events_until(10), now = events_until(11);
  const auto older =
      std::static_pointer_cast<const AlsSnapshot>(make_als(exact).value()->fit(before, {1, 2}, progress).value());
  AlsTrainer cold(exact, now, 1, 2), warm(exact, now, 1, 2, &older->state());
  for (int iteration = 0; iteration < 12; ++iteration)
    cold.iterate();
  CHECK(iterations_to(warm, cold.objective() * 1.0005) <= 3);
}

}  // namespace penstock
