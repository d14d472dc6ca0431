// How models answer that give most items no score at all: what has none stands in order of popularity, behind what has a
// positive one. Immutable, safe for any number of threads.
//
//   score(i) = sum_i + p_i,   p_i = 1e-6 × the share of users who have i
#pragma once

#include <span>
#include <vector>

#include "models/model.h"
#include "models/sparse_sums.h"

namespace penstock {

class PopularOrder {
 public:
  PopularOrder(std::span<const float> fans, int64_t users);

  float score(const SparseSums& sums, int32_t item) const { return static_cast<float>(sums.at(item) + popular_[item]); }
  std::vector<float> score_all(const SparseSums& sums) const;
  std::vector<float> score(const SparseSums& sums, std::span<const int32_t> items) const;
  /// The best that `rules` allows, as many as it asks for if there are. Costs about the items that have a sum.
  std::vector<ScoredItem> best(const SparseSums& sums, const ModelQuery& rules) const;
  size_t memory() const { return popular_.size() * (sizeof(double) + sizeof(int32_t)); }

 private:
  std::vector<double> popular_;  // p, by item
  std::vector<int32_t> order_;   // by p, best first
};

/// Sums of the thread that answers, empty, for items below `items`. They are lost when it asks again.
SparseSums& own_sums(size_t items);

}  // namespace penstock
