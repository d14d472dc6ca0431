// The walk that the exact searches share: strips of items in the order of their bounds, within a strip a scan of cheap
// upper bounds that the index supplies, and full scores only for the items whose bound reaches the worst of the best so
// far. A strip is passed over once for all users of a call.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "models/best_items.h"
#include "models/norm_order.h"

namespace penstock {

/// One user's search: x is one row long and 64-byte aligned.
struct SearchTask {
  const float* x;
  const ItemMask* mask;
  BestItems* best;
};

/// What a search looked at, summed over its users.
struct SearchCost {
  int64_t scanned = 0;  // items whose bound was computed
  int64_t scored = 0;   // in full
};

/// `Query` is what an index makes of x, with the `length` of x. `scan(query, strip, block, end, threshold, hits)` finds
/// the first block from `block` on with an item whose bound is at least `threshold`, sets a bit of `hits` for each such
/// item, and returns `end` if there is none.
template <class Query, class Scan>
SearchCost search_strips(const NormOrder& order, const ItemVectors& items, std::span<const SearchTask> tasks,
                         std::span<const Query> queries, Scan scan) {
  constexpr int64_t kBlocks = NormOrder::kStrip / NormOrder::kBlock;
  SearchCost cost;
  std::vector<uint32_t> open(tasks.size());
  for (uint32_t task = 0; task < open.size(); ++task)
    open[task] = task;
  for (int64_t strip = 0; strip < order.strips() && !open.empty(); ++strip) {
    const int64_t first = strip * kBlocks, end = std::min(first + kBlocks, order.blocks());
    size_t kept = 0;
    for (const uint32_t number : open) {
      const SearchTask& task = tasks[number];
      BestItems& best = *task.best;
      const Query& query = queries[number];
      const float slack = order.slack(strip, query.length);
      if (query.length * order.norm_of(strip) + order.bias_of(strip) + slack < best.threshold()) {
        if (!order.falling())
          open[kept++] = number;
        continue;
      }
      open[kept++] = number;
      cost.scanned += std::min(NormOrder::kStrip, order.size() - strip * NormOrder::kStrip);
      uint32_t hits = 0;
      for (int64_t block = first; block < end; ++block) {
        block = scan(query, strip, block, end, best.threshold() - slack, &hits);
        if (block == end)
          break;
        for (; hits != 0; hits &= hits - 1) {
          const int64_t place = block * NormOrder::kBlock + __builtin_ctz(hits);
          if (place >= order.size())
            break;
          const int32_t item = order.item(place);
          if (task.mask->contains(item))
            continue;
          ++cost.scored;
          const float score = items.score(item, task.x);
          if (score >= best.threshold())
            best.offer({item, score});
        }
      }
    }
    open.resize(kept);
  }
  return cost;
}

}  // namespace penstock
