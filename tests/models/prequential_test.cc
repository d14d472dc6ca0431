#include "models/prequential.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace penstock {
namespace {

using Segment = PrequentialWindow::Segment;

Timestamp at(int64_t second) { return {second * 1'000'000}; }

TEST_CASE("live figures are means over the events of a version and segment") {
  PrequentialWindow window(Duration{3'600'000'000});
  window.add({1, at(1), true, true, 0, 101});
  window.add({1, at(2), false, true, 50, 101});
  window.add({1, at(3), true, false, {}, 101});
  window.add({2, at(4), true, true, 3, 101});
  CHECK(window.versions() == std::vector<uint64_t>{1, 2});
  const auto all = window.figures(1);
  CHECK(all.events == 3);
  CHECK(all.hr == Approx(1.0 / 3));
  CHECK(all.recall() == Approx(1.0 / 3));
  CHECK(all.precision() == Approx(1.0 / 30));
  CHECK(all.ndcg == Approx(1.0 / 3));
  CHECK(all.auc == Approx((1 + 0.5 + 0) / 3));
  CHECK(window.figures(1, Segment::kWarm).events == 2);
  CHECK(window.figures(1, Segment::kCold).auc == Approx(0.5));
  CHECK(window.figures(1, Segment::kHead).hr == Approx(0.5));
  CHECK(window.figures(1, Segment::kTail).hr == 0);
  CHECK(window.figures(2).ndcg == Approx(1 / std::log2(5)));
  CHECK(window.figures(3).events == 0);
}

TEST_CASE("events that are older than the window count no more, nor do too many") {
  PrequentialWindow window(Duration{10'000'000});
  for (int64_t second = 0; second < 20; ++second)
    window.add({1, at(second), true, true, 0, 10});
  window.expire(at(20));
  CHECK(window.figures(1).events == 10);
  for (size_t i = 0; i < PrequentialWindow::kMostEvents + 5; ++i)
    window.add({1, at(21), true, true, 0, 10});
  CHECK(window.figures(1).events == PrequentialWindow::kMostEvents);
}

TEST_CASE("the rank among unmasked items is that of a full sort") {
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    std::vector<float> scores;
    std::vector<int32_t> masked;
    for (int32_t i = 0; i < 30; ++i) {
      scores.push_back(static_cast<float>(random.below(6)));
      if (random.below(4) == 0)
        masked.push_back(i);
    }
    scores[random.below(30)] = NAN;
    const auto item = static_cast<int32_t>(random.below(30));
    std::erase(masked, item);
    std::vector<int32_t> order;
    for (int32_t i = 0; i < 30; ++i)
      if (!std::ranges::binary_search(masked, i))
        order.push_back(i);
    const auto value = [&](int32_t i) { return std::isnan(scores[i]) ? -1e30F : scores[i]; };
    std::ranges::stable_sort(order, [&](int32_t a, int32_t b) { return value(a) > value(b); });
    CHECK(rank_of(scores, masked, item) == std::ranges::find(order, item) - order.begin());
  }
}

}  // namespace
}  // namespace penstock
