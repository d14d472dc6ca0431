// Finds the items with the highest scores x · y + b exactly, by a scan over one byte a number: of an item ŷ = s · codes,
// and of x alike, so that
//   x·y = x̂·ŷ + x̂·(y − ŷ) + (x − x̂)·y  <=  x̂·ŷ + |x̂| |y − ŷ| + |x − x̂| |y|
// bounds the score; only the few items whose bound reaches the worst of the best so far are scored in full. Reads a quarter
// of what a scan of the factors does, and stops at the norms' bound like the other searches: the choice where all norms
// are about the same. Immutable, safe for any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "models/norm_order.h"
#include "models/search_kernels.h"
#include "models/strip_search.h"

namespace penstock {

class Int8Index {
 public:
  /// Covers the items of `order`, which are `items` as they are now.
  Int8Index(const ItemVectors& items, std::shared_ptr<const NormOrder> order);
  size_t memory() const { return (codes_.size() + scales_.size() + errors_.size() + biases_.size()) * sizeof(float); }

  /// Offers all covered items that can be among the best. `items` has at least the covered rows, unchanged. The kernels are
  /// an argument for the sake of tests.
  SearchCost search(const ItemVectors& items, std::span<const SearchTask> tasks,
                    const SearchKernels& kernels = search_kernels()) const;

 private:
  std::shared_ptr<const NormOrder> order_;
  int width_;
  AlignedFloats codes_;   // bytes, as ByteBlocks has them
  AlignedFloats scales_;  // by place, as the next two
  AlignedFloats errors_;
  AlignedFloats biases_;  // empty: none
};

}  // namespace penstock
