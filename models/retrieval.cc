#include "models/retrieval.h"

#include <algorithm>

#include "models/sample_vectors.h"

namespace penstock {
namespace {

// Fewer items are scanned, and so many may be behind those covered before all are covered anew.
constexpr int64_t kFewItems = 1024;
// Of a set of allowed items that is a smaller share than this, each is scored.
constexpr int64_t kNarrow = 32;
// Users for whom the items are passed over together: their thresholds and vectors fit the first-level cache.
constexpr size_t kTogether = 64;
constexpr int kSamples = 32;

}  // namespace

std::shared_ptr<const FactorRetrieval> FactorRetrieval::covering(std::shared_ptr<const FactorRetrieval> before,
                                                                 const ItemVectors& items,
                                                                 const RetrievalOptions& options) {
  if (before != nullptr) {
    // A graph takes so long to build that a longer scan behind it is better.
    const int64_t share = before->graph_ != nullptr ? 4 : 16;
    if (items.size() - before->size_ < std::max(kFewItems, before->size_ / share))
      return before;
  }
  return std::make_shared<const FactorRetrieval>(items, options);
}

FactorRetrieval::FactorRetrieval(const ItemVectors& items, const RetrievalOptions& options) : size_(items.size()) {
  measures_ = {.items = size_, .width = items.factors.width};
  if (options.method ? *options.method == RetrievalMethod::kScan : size_ < kFewItems)
    return;
  order_ = std::make_shared<const NormOrder>(items);
  by_norm_ = std::make_unique<const TopKIndex>(items, order_);
  measure(items);
  const RetrievalMethod method = plan_retrieval(measures_, options);
  exact_ = method == RetrievalMethod::kGraph ? quickest_exact(measures_) : method;
  if (exact_ != RetrievalMethod::kNormSorted)
    by_norm_.reset();
  if (exact_ == RetrievalMethod::kInt8)
    by_bytes_ = std::make_unique<const Int8Index>(items, order_);
  if (exact_ == RetrievalMethod::kScan)
    order_.reset();
  if (method == RetrievalMethod::kGraph)
    graph_ = std::make_unique<const GraphIndex>(items);
}

void FactorRetrieval::measure(const ItemVectors& items) {
  const Factors samples = sample_vectors(items, kSamples);
  const ItemMask all;
  SearchCost sum;
  for (int64_t sample = 0; sample < samples.rows; ++sample) {
    BestItems ten(10);
    const SearchTask task = {samples.row(sample), &all, &ten};
    const SearchCost cost = by_norm_->search(items, {&task, 1});
    sum.scanned += cost.scanned;
    sum.scored += cost.scored;
  }
  const auto all_scanned = static_cast<double>(std::max<int64_t>(1, samples.rows * size_));
  measures_.scanned_share = static_cast<double>(sum.scanned) / all_scanned;
  measures_.scored_share = static_cast<double>(sum.scored) / all_scanned;
}

// Where another way than the exact search of all is quicker: few items are allowed, or there is a graph.
bool FactorRetrieval::answered(const ItemVectors& items, const SearchTask& task, SearchCost& cost) const {
  const ItemSet* allowed = task.mask->allowed();
  if (allowed != nullptr && allowed->count() < size_ / kNarrow) {
    allowed->for_each([&](int32_t item) {
      if (item >= size_ || task.mask->lists(item))
        return;
      const float score = items.score(item, task.x);
      if (score >= task.best->threshold())
        task.best->offer({item, score});
    });
    cost.scanned += allowed->count();
    return true;
  }
  return graph_ != nullptr && graph_->search(items, task, cost);
}

SearchCost FactorRetrieval::search_exactly(const ItemVectors& items, std::span<const SearchTask> tasks) const {
  if (by_norm_ != nullptr)
    return by_norm_->search(items, tasks);
  if (by_bytes_ != nullptr)
    return by_bytes_->search(items, tasks);
  for (int64_t start = 0; start < size_; start += NormOrder::kStrip) {
    for (const SearchTask& task : tasks)
      scan_items(items, start, std::min(size_, start + NormOrder::kStrip), task);
  }
  return {.scanned = size_ * static_cast<int64_t>(tasks.size())};
}

void FactorRetrieval::search(const ItemVectors& items, const float* x, const ItemMask& mask, BestItems& best) const {
  const SearchTask task = {x, &mask, &best};
  search_many(items, {&task, 1});
}

void FactorRetrieval::search_many(const ItemVectors& items, std::span<const SearchTask> tasks) const {
  SearchCost cost;
  std::vector<SearchTask> left;
  const auto flush = [&] {
    cost.scanned += search_exactly(items, left).scanned;
    left.clear();
  };
  for (const SearchTask& task : tasks) {
    scan_items(items, size_, items.size(), task);
    if (answered(items, task, cost))
      continue;
    left.push_back(task);
    if (left.size() == kTogether)
      flush();
  }
  if (!left.empty())
    flush();
  searches_.fetch_add(tasks.size(), std::memory_order_relaxed);
  scanned_.fetch_add(static_cast<uint64_t>(cost.scanned), std::memory_order_relaxed);
}

ModelSnapshot::Retrieval FactorRetrieval::report() const {
  const bool graph = graph_ != nullptr && graph_->ready();
  ModelSnapshot::Retrieval report;
  report.method = name_of(graph ? RetrievalMethod::kGraph : exact_);
  report.recall = graph ? graph_->recall() : 1;
  const auto searches = static_cast<double>(searches_.load(std::memory_order_relaxed));
  report.scanned_share = searches == 0 || size_ == 0 ? measures_.scanned_share
                                                     : static_cast<double>(scanned_.load(std::memory_order_relaxed)) /
                                                           (searches * static_cast<double>(size_));
  return report;
}

void FactorRetrieval::wait_for_graph() const {
  if (graph_ != nullptr)
    graph_->wait();
}

size_t FactorRetrieval::memory() const {
  return sizeof(*this) + (order_ == nullptr ? 0 : order_->memory()) + (by_norm_ == nullptr ? 0 : by_norm_->memory()) +
         (by_bytes_ == nullptr ? 0 : by_bytes_->memory()) +
         (graph_ == nullptr || !graph_->ready() ? 0 : graph_->memory());
}

}  // namespace penstock
