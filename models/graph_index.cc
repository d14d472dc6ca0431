#include "models/graph_index.h"

// Its prefetches, which come with its own distances, read behind the ends of its lists.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "models/sample_vectors.h"
#include "models/search_kernels.h"
#include "models/top_k.h"
#include "models/workers.h"

namespace penstock {
namespace {

constexpr size_t kMostWanted = 2000;
constexpr int kSamples = 50;
constexpr size_t kNarrowest = 32, kBroadest = 1024;

struct Distance {
  int width;
  float (*dot)(const float* a, const float* b, int width);
};

// 1 − a·b, which the graph's builder takes for a distance.
class InnerProduct final : public hnswlib::SpaceInterface<float> {
 public:
  explicit InnerProduct(int width) : distance_{width, search_kernels().dot} {}
  size_t get_data_size() override { return distance_.width * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return between; }
  void* get_dist_func_param() override { return &distance_; }

 private:
  static float between(const void* a, const void* b, const void* how) {
    const auto* distance = static_cast<const Distance*>(how);
    return 1 - distance->dot(static_cast<const float*>(a), static_cast<const float*>(b), distance->width);
  }

  Distance distance_;
};

Factors with_biases(const ItemVectors& items) {
  const Factors& from = items.factors;
  Factors to(from.rows, from.factors + (items.biases == nullptr ? 0 : 1));
  for (int64_t row = 0; row < from.rows; ++row) {
    std::copy(from.row(row), from.row(row) + from.factors, to.row(row));
    if (items.biases != nullptr)
      to.row(row)[from.factors] = items.biases[row];
  }
  return to;
}

}  // namespace

struct GraphIndex::Graph {
  Graph(int64_t rows, int width) : space(width), links(&space, rows, kNeighbours, kBuildBreadth) {}
  // The nearest first.
  std::vector<int32_t> nearest(const float* x, size_t count) const {
    auto found = links.searchKnn(x, count);
    std::vector<int32_t> rows(found.size());
    for (size_t place = rows.size(); place-- > 0; found.pop())
      rows[place] = static_cast<int32_t>(found.top().second);
    return rows;
  }

  InnerProduct space;
  hnswlib::HierarchicalNSW<float> links;
  int64_t looks = 0;  // distances of one search, about
};

GraphIndex::GraphIndex(const ItemVectors& items)
    : biased_(items.biases != nullptr), width_(padded_width(items.factors.factors + (biased_ ? 1 : 0))) {
  builder_ = std::thread([this, rows = with_biases(items)] {
    lower_thread_priority();
    try {
      build(rows);
    } catch (const std::exception&) {  // not enough memory: the exact search goes on answering
      graph_.reset();
    }
    done_.store(true, std::memory_order_release);
    done_.notify_all();
  });
}

GraphIndex::~GraphIndex() {
  stop_ = true;
  builder_.join();
}

void GraphIndex::build(const Factors& rows) {
  graph_ = std::make_unique<Graph>(rows.rows, width_);
  for (int64_t row = 0; row < rows.rows; ++row) {
    if (stop_)
      return;
    graph_->links.addPoint(rows.row(row), row);
  }
  measure(rows);
  memory_ = rows.rows * (graph_->links.size_data_per_element_ + sizeof(void*) + 2 * sizeof(int32_t)) +
            rows.rows / kNeighbours * graph_->links.size_links_per_element_;
  ready_.store(true, std::memory_order_release);
}

void GraphIndex::measure(const Factors& rows) {
  const ItemVectors items{rows};
  Factors samples = sample_vectors(items, kSamples);
  const ItemMask all;
  std::vector<std::vector<ScoredItem>> best;
  for (int64_t sample = 0; sample < samples.rows && !stop_; ++sample) {
    if (biased_)  // a user's vector has a 1 where an item has its bias
      samples.row(sample)[rows.factors - 1] = 1;
    BestItems ten(10);
    scan_items(items, 0, rows.rows, {samples.row(sample), &all, &ten});
    best.push_back(std::move(ten).sorted());
  }
  for (size_t breadth = kNarrowest; breadth <= kBroadest && !stop_; breadth *= 2) {
    graph_->links.setEf(breadth);
    graph_->links.metric_distance_computations = 0;
    size_t found = 0, wanted = 0;
    for (size_t sample = 0; sample < best.size(); ++sample) {
      const std::vector<int32_t> near = graph_->nearest(samples.row(static_cast<int64_t>(sample)), 10);
      wanted += best[sample].size();
      for (const ScoredItem& item : best[sample])
        found += std::count(near.begin(), near.end(), item.item);
    }
    recall_ = wanted == 0 ? 1 : static_cast<double>(found) / static_cast<double>(wanted);
    graph_->looks = graph_->links.metric_distance_computations / std::max<int64_t>(samples.rows, 1);
    if (recall_ >= kWantedRecall)
      return;
  }
}

bool GraphIndex::search(const ItemVectors& items, const SearchTask& task, SearchCost& cost) const {
  const size_t count = task.best->wanted() + task.mask->listed();
  if (!ready() || task.mask->allowed() != nullptr || count > kMostWanted)
    return false;
  AlignedFloats longer;
  const float* x = task.x;
  if (biased_) {
    longer = AlignedFloats(width_);
    std::copy(x, x + items.factors.factors, longer.data());
    longer[items.factors.factors] = 1;
    x = longer.data();
  }
  try {
    const std::vector<int32_t> near = graph_->nearest(x, count);
    if (near.size() < std::min(count, graph_->links.cur_element_count))
      return false;  // it ended in a corner
    for (const int32_t item : near) {
      if (!task.mask->lists(item))
        task.best->offer({item, items.score(item, task.x)});
    }
  } catch (const std::exception&) {  // not enough memory for the walk
    return false;
  }
  cost.scanned += graph_->looks;
  cost.scored += static_cast<int64_t>(count);
  return true;
}

}  // namespace penstock
