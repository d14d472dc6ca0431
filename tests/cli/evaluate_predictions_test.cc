#include "cli/evaluate_predictions.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace penstock::cli {
namespace {

TEST_CASE("an evaluation of outcomes shows learners above the bare share") {
  Random random(1);
  std::vector<OutcomeRow> rows;
  for (int i = 0; i < 4'000; ++i) {
    const double late = random.normal();
    const auto shop = static_cast<int64_t>(random.below(10));
    rows.push_back({{late * 10 + 30, shop}, random.uniform() < sigmoid(1.5 * late + (shop < 3 ? 1 : -2))});
  }
  const auto figures =
      evaluate_outcomes(rows, {{{.name = "minutes"}, true}, {{.name = "shop"}}}, {.alpha = 0.3}, 100'000, 5, 1);
  REQUIRE(figures.size() == 3);
  CHECK(figures[0].learner == "online");
  CHECK(figures[0].auc > 0.82);
  CHECK(figures[1].auc > 0.82);
  CHECK(figures[0].calibration_error < 0.08);
  CHECK(figures[2].auc == 0.5);
  CHECK(figures[0].log_loss < figures[2].log_loss);
  CHECK(figures[1].log_loss < figures[2].log_loss);
}

}  // namespace
}  // namespace penstock::cli
