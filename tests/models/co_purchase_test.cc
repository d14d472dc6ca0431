#include "models/co_purchase.h"

#include <catch2/catch.hpp>

#include "tests/models/naive.h"

namespace penstock {
namespace {

using Measure = CoPurchaseParameters::Measure;
using testing::Dense;
using testing::NoProgress;

ModelSnapshotPtr fitted(const CoPurchaseParameters& parameters, const Interactions& data) {
  NoProgress progress;
  return make_co_purchase(parameters)->fit(data, {1, 2}, progress).value();
}

// W_ji, by counting baskets.
Dense weights_of(const Interactions& data, const CoPurchaseParameters& parameters) {
  const size_t items = data.items.size();
  Dense together(items, std::vector<double>(items));
  for (int32_t basket = 0; basket < data.by_user.rows; ++basket)
    for (const int32_t a : data.by_user.row_indices(basket))
      for (const int32_t b : data.by_user.row_indices(basket))
        ++together[a][b];
  Dense out(items, std::vector<double>(items));
  for (size_t j = 0; j < items; ++j) {
    for (size_t i = 0; i < items; ++i) {
      if (i == j || together[j][i] < parameters.least_together)
        continue;
      out[j][i] = together[j][i] / together[j][j];
      if (parameters.measure == Measure::kLift)
        out[j][i] *= static_cast<double>(data.users.size()) / together[i][i];
    }
  }
  return out;
}

}  // namespace

TEST_CASE("co_purchase scores by what is counted in baskets") {
  const Interactions data = testing::random_interactions(90, 30, 6, 51);
  for (const Measure measure : {Measure::kConfidence, Measure::kLift}) {
    for (const int least : {1, 2, 4}) {
      const CoPurchaseParameters parameters{.measure = measure, .least_together = least};
      const ModelSnapshotPtr snapshot = fitted(parameters, data);
      const Dense weights = weights_of(data, parameters);
      for (int32_t basket = 0; basket < 20; ++basket) {
        const auto history = testing::history_of(data, basket);
        const std::vector<float> scores = snapshot->score_all({.history = history});
        for (size_t item = 0; item < scores.size(); ++item) {
          double expected = 0;
          for (const ItemWeight& seen : history)
            expected += weights[seen.item][item];
          CHECK(scores[item] == Approx(expected).margin(2e-6));
        }
      }
    }
  }
}

TEST_CASE("co_purchase tells what belongs to a thing from what everybody buys") {
  InteractionsBuilder builder;
  for (int basket = 0; basket < 100; ++basket) {
    const std::string id = std::to_string(basket);
    builder.add({id, "bag", 1, {0}});
    if (basket % 10 == 0) {
      builder.add({id, "printer", 1, {0}});
      if (basket % 20 == 0)
        builder.add({id, "ink", 1, {0}});
    }
  }
  const Interactions data = std::move(builder).build();  // bag, ink, printer
  CHECK(fitted({}, data)->similar(2, 1).front().item == 0);
  const ModelSnapshotPtr lift = fitted({.measure = Measure::kLift}, data);
  CHECK(lift->similar(2, 1).front() == ScoredItem{1, 10.0f});
  const std::vector<ItemWeight> basket = {{0, 1}, {2, 1}};
  CHECK(lift->because({.history = basket}, 1, 2) == std::vector<int32_t>{2, 0});
}

TEST_CASE("co_purchase gives a new item the weights that a new training would give it") {
  const Interactions data = testing::random_interactions(90, 20, 6, 52);
  std::vector<ModelSnapshot::NewItem> added = {{"new", {}}};
  InteractionsBuilder builder;
  for (int32_t basket = 0; basket < data.by_user.rows; ++basket) {
    const auto items = testing::history_of(data, basket);
    for (const ItemWeight& seen : items)
      builder.add({data.users[basket], data.items[seen.item], 1, {0}});
    if (basket % 3 != 0)
      continue;
    builder.add({data.users[basket], "new", 1, {0}});
    added.front().fans.push_back({items, 1});
  }
  for (const Measure measure : {Measure::kConfidence, Measure::kLift}) {
    const ModelSnapshotPtr extended = fitted({.measure = measure}, data)->with_items(added);
    const ModelSnapshotPtr trained = fitted({.measure = measure}, std::move(InteractionsBuilder(builder)).build());
    REQUIRE(extended->items() == trained->items());
    for (int32_t basket = 0; basket < 10; ++basket) {
      const auto history = testing::history_of(data, basket);
      CHECK(extended->score_all({.history = history}).back() ==
            Approx(trained->score_all({.history = history}).back()).margin(1e-6));
    }
    const std::vector<ItemWeight> only = {{20, 1}};
    const auto from_extended = extended->score_all({.history = only}),
               from_trained = trained->score_all({.history = only});
    for (size_t item = 0; item < from_trained.size(); ++item)
      CHECK(from_extended[item] == Approx(from_trained[item]).margin(2e-6));
  }
}

}  // namespace penstock
