#include "models/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace penstock {
namespace {

double discount(int64_t rank) { return 1 / std::log2(static_cast<double>(rank) + 2); }

double auc_of(const RankedUser& user) {
  const auto relevant = static_cast<int64_t>(user.ranks.size());
  const int64_t others = user.candidates - relevant;
  if (others <= 0)
    return 0.5;
  double below = 0;
  for (int64_t i = 0; i < relevant; ++i)
    below += static_cast<double>(others - (user.ranks[i] - i));  // i of those before it are relevant too
  return below / (static_cast<double>(relevant) * static_cast<double>(others));
}

}  // namespace

std::vector<MetricDefinition> metric_definitions(std::span<const int> cutoffs) {
  std::vector<MetricDefinition> out;
  for (const int cutoff : cutoffs) {
    const std::string k = std::to_string(cutoff);
    out.push_back({"hr@" + k, "1 if any held-out item is among the first " + k});
    out.push_back({"ndcg@" + k, "sum of 1 / log2(rank + 2) of the held-out items among the first " + k +
                                    " (rank from 0), divided by its largest possible value"});
    out.push_back(
        {"recall@" + k, "held-out items among the first " + k + ", divided by min(" + k + ", held-out items)"});
    out.push_back({"recall@" + k + "/|T|", "held-out items among the first " + k + ", divided by all held-out items"});
    out.push_back({"map@" + k, "mean precision at the places of the held-out items among the first " + k +
                                   ", divided by min(" + k + ", held-out items)"});
  }
  out.push_back({"mrr", "1 / (rank + 1) of the best held-out item, over the whole ranking"});
  out.push_back({"auc", "share of pairs of a held-out and another unseen item that are in the right order"});
  for (const int cutoff : cutoffs) {
    const std::string k = std::to_string(cutoff);
    out.push_back({"coverage@" + k, "share of the catalogue that is among the first " + k + " of at least one user"});
  }
  return out;
}

std::vector<double> metrics_of(const RankedUser& user, std::span<const int> cutoffs) {
  std::vector<double> out;
  const auto relevant = static_cast<int64_t>(user.ranks.size());
  for (const int cutoff : cutoffs) {
    const int64_t most = std::min<int64_t>(cutoff, relevant);
    int64_t hits = 0;
    double gain = 0, precisions = 0, ideal = 0;
    for (const int64_t rank : user.ranks) {
      if (rank >= cutoff)
        break;
      ++hits;
      gain += discount(rank);
      precisions += static_cast<double>(hits) / static_cast<double>(rank + 1);
    }
    for (int64_t rank = 0; rank < most; ++rank)
      ideal += discount(rank);
    out.push_back(hits > 0 ? 1 : 0);
    out.push_back(gain / ideal);
    out.push_back(static_cast<double>(hits) / static_cast<double>(most));
    out.push_back(static_cast<double>(hits) / static_cast<double>(relevant));
    out.push_back(precisions / static_cast<double>(most));
  }
  out.push_back(1 / static_cast<double>(user.ranks.front() + 1));
  out.push_back(auc_of(user));
  return out;
}

RankedUser rank(std::span<float> scores, std::span<const int32_t> masked, std::span<const int32_t> relevant) {
  for (float& score : scores)
    score = score >= -std::numeric_limits<float>::max() ? score : -std::numeric_limits<float>::max();
  for (const int32_t item : masked)
    scores[item] = -std::numeric_limits<float>::infinity();
  RankedUser out;
  out.candidates = static_cast<int64_t>(scores.size() - masked.size());
  for (const int32_t item : relevant) {
    const float score = scores[item];
    int64_t before = 0;
    for (int32_t other = 0; other < item; ++other)
      before += scores[other] >= score;
    for (size_t other = item + 1; other < scores.size(); ++other)
      before += scores[other] > score;
    out.ranks.push_back(before);
  }
  std::sort(out.ranks.begin(), out.ranks.end());
  return out;
}

Interval mean_with_interval(std::span<const double> values) {
  if (values.empty())
    return {};
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values)
    sum += value;
  const double mean = sum / count;
  double squares = 0;
  for (const double value : values)
    squares += (value - mean) * (value - mean);
  const double deviation = count > 1 ? std::sqrt(squares / (count - 1)) : 0;
  const double half = 1.96 * deviation / std::sqrt(count);
  return {mean, mean - half, mean + half};
}

}  // namespace penstock
