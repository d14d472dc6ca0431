// Data that has little to learn from, or nothing: what comes out is numbers all the same, and can be stored.
#include <catch2/catch.hpp>

#include "models/als_snapshot.h"
#include "models/als_trainer.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using Pairs = std::vector<std::pair<int64_t, int64_t>>;

Interactions interactions(const Pairs& pairs, float weight = 1) {
  InteractionsBuilder builder;
  for (const auto& [user, item] : pairs)
    builder.add({std::to_string(user), std::to_string(item), weight, {}});
  return std::move(builder).build();
}

// Spread as evenly as a multiplicative hash spreads them.
Pairs even(int64_t events, uint64_t users, uint64_t items) {
  Pairs pairs;
  for (int64_t event = 0; event < events; ++event) {
    const uint64_t mixed = static_cast<uint64_t>(event) * 0x9e3779b97f4a7c15;
    pairs.emplace_back((mixed >> 32) % users, (mixed >> 16) % items);
  }
  return pairs;
}

Pairs block(int64_t users, int64_t items) {
  Pairs pairs;
  for (int64_t user = 0; user < users; ++user)
    for (int64_t item = 0; item < items; ++item)
      pairs.emplace_back(user, item);
  return pairs;
}

std::vector<AlsParameters> variants() {
  std::vector<AlsParameters> out;
  for (const auto feedback : {AlsParameters::Feedback::kImplicit, AlsParameters::Feedback::kExplicit}) {
    for (const auto solver : {AlsParameters::Solver::kAuto, AlsParameters::Solver::kExact}) {
      for (const bool svd : {true, false}) {
        AlsParameters parameters{.feedback = feedback, .factors = 8, .svd_start = svd, .solver = solver};
        parameters.low_priority = false;
        out.push_back(parameters);
      }
    }
  }
  return out;
}

void check_sound(const Interactions& data, const AlsParameters& parameters) {
  CAPTURE(parameters.svd_start, parameters.feedback == AlsParameters::Feedback::kExplicit,
          parameters.solver == AlsParameters::Solver::kExact, parameters.factors);
  testing::NoProgress progress;
  const ModelPtr model = make_als(parameters).value();
  const auto fitted = model->fit(data, {1, 2}, progress);
  REQUIRE(fitted.status().to_string() == "ok");
  const std::string bytes = (*fitted)->save();
  const auto loaded = model->load(bytes);
  REQUIRE(loaded.status().to_string() == "ok");
  CHECK((*loaded)->save() == bytes);
  const auto history = testing::history_of(data, 0);
  const std::vector<float> scores = (*loaded)->score_all({.history = history});
  CHECK(std::all_of(scores.begin(), scores.end(), [](float score) { return std::isfinite(score); }));
  for (const ScoredItem& item : (*loaded)->similar(0, 5))
    CHECK(std::isfinite(item.score));
}

}  // namespace

TEST_CASE("als whose regularization outweighs all signal shrinks its factors towards 0 and stays sound") {
  for (const int64_t events : {500, 5'000, 50'000}) {
    CAPTURE(events);
    const Interactions data = interactions(even(events, 100'000, 10'000));
    AlsParameters parameters{.factors = 8};
    parameters.low_priority = false;
    check_sound(data, parameters);
    parameters.factors = 20;
    check_sound(data, parameters);
  }
  AlsParameters long_training{.factors = 8, .iterations = 80};
  long_training.low_priority = false;
  check_sound(interactions(even(5'000, 100'000, 10'000)), long_training);
}

TEST_CASE("als learns from data without any structure") {
  const Pairs grid = block(12, 7);
  Pairs repeated = grid;
  repeated.insert(repeated.end(), grid.begin(), grid.end());
  Pairs apart;  // nobody shares anything
  for (int64_t n = 0; n < 40; ++n)
    apart.emplace_back(n, n);
  for (const Pairs& pairs : {grid, repeated, block(1, 30), block(30, 1), block(1, 1), apart}) {
    for (const float weight : {1e-30f, 1.0f, 1e30f}) {
      const Interactions data = interactions(pairs, weight);
      CAPTURE(data.users.size(), data.items.size(), data.events, weight);
      for (const AlsParameters& parameters : variants())
        check_sound(data, parameters);
    }
  }
}

TEST_CASE("als passes over users and items that nobody gave a positive weight") {
  InteractionsBuilder builder;
  for (const auto& [user, item] : block(9, 6))
    builder.add({std::to_string(user), std::to_string(item), user == 0 || item == 0 ? -1.0f : 1.0f, {}});
  const Interactions data = std::move(builder).build();
  for (const AlsParameters& parameters : variants())
    check_sound(data, parameters);
}

TEST_CASE("als whose factors shrank towards 0 is where a warm start may begin") {
  const Interactions data = interactions(even(5'000, 100'000, 10'000));
  AlsParameters parameters{.factors = 8, .warm_start = true};
  parameters.low_priority = false;
  testing::NoProgress progress;
  const ModelPtr model = make_als(parameters).value();
  const ModelSnapshotPtr before = model->fit(data, {1, 2}, progress).value();
  FitOptions options{1, 2};
  options.warm_start = before.get();
  const auto after = model->fit(data, options, progress);
  REQUIRE(after.status().to_string() == "ok");
  CHECK(model->load((*after)->save()).ok());
}

}  // namespace penstock
