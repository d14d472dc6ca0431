// Finds the items with the largest product with a user's vector, exactly, mostly without looking at all of them: items
// are sorted by norm, and each has the first 16 of its dimensions apart ("head", the most important ones in the
// eigenbasis of the Gramian) and the norm of the rest. By Cauchy and Schwarz  head·x + |rest| |x's rest|  bounds the
// score; only items whose bound reaches the worst of the best so far are scored in full; and once |y| |x| cannot reach
// it either, no later item can. Small catalogues are simply scanned. Immutable, safe for any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/best_items.h"
#include "models/factors.h"

namespace penstock {

class TopKIndex {
 public:
  /// Fewer items than this are scanned.
  static constexpr int64_t kLeastItems = 1024;

  /// Covers rows 0 to `items.rows` − 1 as they are now.
  explicit TopKIndex(const Factors& items);
  int64_t size() const { return size_; }
  size_t memory() const;

  /// Offers all covered items that can be among the best to `best`. `items` has at least the covered rows, unchanged;
  /// `x` is one row long.
  void search(const Factors& items, const float* x, const ItemMask& mask, BestItems& best) const;

 private:
  static constexpr int64_t kBlock = 16;
  static constexpr int64_t kStrip = 16 * kBlock;  // items between two looks at the norm

  int64_t size_;
  std::vector<int32_t> order_;  // place → item, largest norm first
  std::vector<float> norms_;    // of the first item of each strip
  AlignedFloats heads_;         // [block][dimension][16 items]
  AlignedFloats residuals_;     // norm of the other dimensions, by place
};

/// Offers the items from `begin` to `end` − 1, each scored in full.
void scan_items(const Factors& items, int64_t begin, int64_t end, const float* x, const ItemMask& mask,
                BestItems& best);

}  // namespace penstock
