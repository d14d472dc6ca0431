#include "models/popular_order.h"

#include <algorithm>
#include <numeric>

#include "models/best_items.h"

namespace penstock {

PopularOrder::PopularOrder(std::span<const float> fans, int64_t users) : order_(fans.size()) {
  popular_.reserve(fans.size());
  for (const float count : fans)
    popular_.push_back(1e-6 * count / std::max(1.0, static_cast<double>(users)));
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::stable_sort(order_, [this](int32_t a, int32_t b) { return popular_[a] > popular_[b]; });
}

std::vector<float> PopularOrder::score_all(const SparseSums& sums) const {
  std::vector<float> scores(popular_.size());
  for (size_t item = 0; item < scores.size(); ++item)
    scores[item] = score(sums, static_cast<int32_t>(item));
  return scores;
}

std::vector<float> PopularOrder::score(const SparseSums& sums, std::span<const int32_t> items) const {
  std::vector<float> scores;
  scores.reserve(items.size());
  for (const int32_t item : items)
    scores.push_back(score(sums, item));
  return scores;
}

std::vector<ScoredItem> PopularOrder::best(const SparseSums& sums, const ModelQuery& rules) const {
  if (rules.n == 0)
    return {};
  const ItemMask mask(rules);
  BestItems best(std::min(rules.n, popular_.size()));
  for (const int32_t item : sums.touched()) {
    const ScoredItem scored{item, score(sums, item)};
    if (scored.score >= best.threshold() && !mask.contains(item))
      best.offer(scored);
  }
  for (const int32_t item : order_) {
    const ScoredItem scored{item, score(sums, item)};
    if (sums.has(item))
      continue;
    if (scored.score < best.threshold())
      break;
    if (!mask.contains(item))
      best.offer(scored);
  }
  return std::move(best).sorted();
}

SparseSums& own_sums(size_t items) {
  thread_local SparseSums sums;
  sums.reset(items);
  return sums;
}

}  // namespace penstock
