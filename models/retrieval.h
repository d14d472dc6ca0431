// Finds the items whose vectors score highest with a user's: the one door to search for every model that scores by
// x · y_i + b_i (als, bpr, hybrid). How it searches is chosen when it is built (models/retrieval_plan.h): by scanning, by
// norm (models/top_k.h), by one byte a number (models/int8_index.h), all of them exact, or, where these would take longer
// than declared, by a graph (models/graph_index.h). What a query rules out is passed over inside the search, so an answer
// is as full as the items allow. Immutable but for its counters; safe for any number of threads.
//
// A factor model keeps a shared_ptr<const FactorRetrieval>, hands it on to the snapshot of with_items(), and answers
//   recommend       with search() or search_many(), x being the user's vector;
//   retrieval()     with report().
// Nothing of it is stored: load() builds it again with `covering(nullptr, ...)`.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "models/best_items.h"
#include "models/graph_index.h"
#include "models/int8_index.h"
#include "models/item_vectors.h"
#include "models/model.h"
#include "models/retrieval_plan.h"
#include "models/top_k.h"

namespace penstock {

class FactorRetrieval {
 public:
  /// Covers the items as they are now: `before` itself where it covers all but few of them (its items must be the first
  /// of these, unchanged), or else a new one. Never null.
  static std::shared_ptr<const FactorRetrieval> covering(std::shared_ptr<const FactorRetrieval> before,
                                                         const ItemVectors& items, const RetrievalOptions& options);

  /// Offers to `best` every item that can be among the best (of a graph: nearly). `items` begins with those covered,
  /// unchanged; the ones behind are scanned. `x` is one row long and 64-byte aligned.
  void search(const ItemVectors& items, const float* x, const ItemMask& mask, BestItems& best) const;
  /// The same for many users, with one pass over the items for several of them.
  void search_many(const ItemVectors& items, std::span<const SearchTask> tasks) const;

  ModelSnapshot::Retrieval report() const;
  /// The graph, if one was chosen, is built by a thread of low priority, and until then another method answers. Returns
  /// when it is there.
  void wait_for_graph() const;
  size_t memory() const;

  FactorRetrieval(const ItemVectors& items, const RetrievalOptions& options);

 private:
  void measure(const ItemVectors& items);
  bool answered(const ItemVectors& items, const SearchTask& task, SearchCost& cost) const;
  SearchCost search_exactly(const ItemVectors& items, std::span<const SearchTask> tasks) const;

  const int64_t size_;  // items covered
  RetrievalMeasures measures_;
  RetrievalMethod exact_ = RetrievalMethod::kScan;  // also where the graph declines
  std::shared_ptr<const NormOrder> order_;          // with the next but kScan
  std::unique_ptr<const TopKIndex> by_norm_;
  std::unique_ptr<const Int8Index> by_bytes_;
  std::unique_ptr<const GraphIndex> graph_;
  mutable std::atomic<uint64_t> searches_{0};
  mutable std::atomic<uint64_t> scanned_{0};
};

}  // namespace penstock
