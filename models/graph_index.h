// Finds nearly the items with the highest scores x · y + b, by walking a graph of near items: a hierarchical navigable
// small world, from hnswlib, by inner product. For catalogues whose exact search takes longer than declared. The graph is
// built by one thread of low priority, in a fixed order (the same items give the same graph), which takes minutes for
// millions of items; until it is done, search() declines. The destructor stops it. Safe for any number of threads.
//
// Source: Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small
// world graphs", TPAMI 2018.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "models/item_vectors.h"
#include "models/strip_search.h"

namespace penstock {

class GraphIndex {
 public:
  static constexpr int kNeighbours = 16;         // M
  static constexpr int kBuildBreadth = 100;      // efConstruction
  static constexpr double kWantedRecall = 0.98;  // of ten, to which the breadth of a search is set

  /// Copies the items as they are now and begins to build.
  explicit GraphIndex(const ItemVectors& items);
  ~GraphIndex();
  GraphIndex(const GraphIndex&) = delete;
  GraphIndex& operator=(const GraphIndex&) = delete;

  /// Also false for good if there was not enough memory.
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  /// Returns when the thread is done.
  void wait() const { done_.wait(false, std::memory_order_acquire); }
  /// Share of the ten best that the search finds, measured on sample vectors (models/sample_vectors.h). Of a ready one.
  double recall() const { return recall_; }
  size_t memory() const { return memory_; }

  /// Offers the best it finds, scored in full from `items`. False, and nothing offered, if an exact search is due: the
  /// graph is not ready, the query has a set of allowed items, or it wants or rules out very many.
  bool search(const ItemVectors& items, const SearchTask& task, SearchCost& cost) const;

 private:
  struct Graph;
  void build(const Factors& rows);
  void measure(const Factors& rows);

  bool biased_;
  int width_;  // of the graph's rows: a bias is a further number
  std::unique_ptr<Graph> graph_;
  double recall_ = 0;
  size_t memory_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<bool> ready_{false};
  std::atomic<bool> done_{false};
  std::thread builder_;
};

}  // namespace penstock
