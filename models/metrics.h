// How well one user's held-out items stand in a full ranking. Plain functions; the definitions are printed with every
// report, because libraries mean different things by the same names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace penstock {

/// A user's ranking, reduced to what the metrics need.
struct RankedUser {
  std::vector<int64_t> ranks;  // of the relevant items, ascending, the best item of all has 0
  int64_t candidates = 0;      // ranked items: all but those the user has in training
};

struct MetricDefinition {
  std::string name;
  std::string definition;
};

/// The metrics for these cut-offs, in the order of metrics_of(): hr@k, ndcg@k, recall@k, recall@k/|T|, map@k for each
/// k, then mrr and auc. coverage@k is not a metric of a user and comes last.
std::vector<MetricDefinition> metric_definitions(std::span<const int> cutoffs);
/// Values of one user, without coverage. Requires: at least one rank.
std::vector<double> metrics_of(const RankedUser& user, std::span<const int> cutoffs);

/// Ranks of `relevant` (ascending) among all items but `masked` (ascending), by score; equal scores: smaller item
/// first. A score that is not a number counts as the lowest. Changes `scores`: masked items get −∞.
RankedUser rank(std::span<float> scores, std::span<const int32_t> masked, std::span<const int32_t> relevant);

struct Interval {
  double value = 0;
  double low = 0;
  double high = 0;
};
/// Mean with a 95 % confidence interval by the normal approximation: mean ± 1.96 · standard deviation / √count.
Interval mean_with_interval(std::span<const double> values);

}  // namespace penstock
