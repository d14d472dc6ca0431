// Finds the items with the highest scores x · y + b exactly, mostly without looking at all of them: items are in the
// order of their bounds (models/norm_order.h), and each has a "head" apart, its part in the 15 or 16 most important
// directions of all items, and the norm of the rest. By Cauchy and Schwarz  head·x + |rest| |x's rest| (+ b)  bounds the
// score; only items whose bound reaches the worst of the best so far are scored in full; and once |y| |x| cannot reach it
// either, no later item can. The directions are found here, so the factors may stand in any basis. Immutable, safe for
// any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "models/norm_order.h"
#include "models/strip_search.h"

namespace penstock {

class TopKIndex {
 public:
  /// Covers the items of `order`, which are `items` as they are now.
  TopKIndex(const ItemVectors& items, std::shared_ptr<const NormOrder> order);
  size_t memory() const { return (heads_.size() + residuals_.size() + directions_.values.size()) * sizeof(float); }

  /// Offers all covered items that can be among the best. `items` has at least the covered rows, unchanged.
  SearchCost search(const ItemVectors& items, std::span<const SearchTask> tasks) const;

 private:
  struct Query {
    alignas(64) float head[Kernels::kHead];
    float rest;
    float length;
  };
  Query prepare(const float* x) const;

  std::shared_ptr<const NormOrder> order_;
  Factors directions_;       // orthonormal rows; one less than a head has numbers if the items have biases
  AlignedFloats heads_;      // [block][direction, or last the bias][16 items]
  AlignedFloats residuals_;  // norm of what is outside the directions, by place
};

/// Offers the items from `begin` to `end` − 1, each scored in full.
void scan_items(const ItemVectors& items, int64_t begin, int64_t end, const SearchTask& task);

}  // namespace penstock
