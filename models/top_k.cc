#include "models/top_k.h"

#include <cmath>

#include "models/main_directions.h"

namespace penstock {
namespace {

// |rest|² = |y|² − |head|² is off by about this share of |y|² through rounding.
constexpr double kCancelled = 2e-6;

float rest_of(double square, const float* head, int directions, int64_t stride) {
  double inside = 0;
  for (int j = 0; j < directions; ++j)
    inside += static_cast<double>(head[j * stride]) * head[j * stride];
  return static_cast<float>(std::sqrt(std::max(0.0, square - inside) + kCancelled * square));
}

}  // namespace

TopKIndex::TopKIndex(const ItemVectors& items, std::shared_ptr<const NormOrder> order)
    : order_(std::move(order)),
      directions_(main_directions(items.factors, Kernels::kHead - (items.biases != nullptr ? 1 : 0))) {
  constexpr int64_t kBlock = NormOrder::kBlock;
  const int width = items.factors.width;
  heads_ = AlignedFloats(order_->blocks() * kBlock * Kernels::kHead);
  residuals_ = AlignedFloats(order_->blocks() * kBlock);
  AlignedFloats rows(kBlock * width);
  for (int64_t block = 0; block < order_->blocks(); ++block) {
    const int64_t count = std::min(kBlock, order_->size() - block * kBlock);
    for (int64_t i = 0; i < count; ++i) {
      const float* y = items.factors.row(order_->item(block * kBlock + i));
      std::copy(y, y + width, rows.data() + i * width);
    }
    float* head = heads_.data() + block * kBlock * Kernels::kHead;
    for (int64_t j = 0; j < directions_.rows; ++j)
      kernels().scores(rows.data(), count, width, directions_.row(j), head + j * kBlock);
    for (int64_t i = 0; i < count; ++i) {
      const double length = norm(rows.data() + i * width, width);
      residuals_[block * kBlock + i] = rest_of(length * length, head + i, static_cast<int>(directions_.rows), kBlock);
      if (items.biases != nullptr)
        head[(Kernels::kHead - 1) * kBlock + i] = items.biases[order_->item(block * kBlock + i)];
    }
  }
}

TopKIndex::Query TopKIndex::prepare(const float* x) const {
  Query query{};
  const double length = norm(x, directions_.width);
  for (int64_t j = 0; j < directions_.rows; ++j)
    query.head[j] = kernels().dot(directions_.row(j), x, directions_.width);
  query.rest = rest_of(length * length, query.head, static_cast<int>(directions_.rows), 1);
  query.length = std::nextafter(static_cast<float>(length), INFINITY);
  if (!order_->falling())
    query.head[Kernels::kHead - 1] = 1;
  return query;
}

SearchCost TopKIndex::search(const ItemVectors& items, std::span<const SearchTask> tasks) const {
  std::vector<Query> queries;
  queries.reserve(tasks.size());
  for (const SearchTask& task : tasks)
    queries.push_back(prepare(task.x));
  const auto scan = [&](const Query& query, int64_t, int64_t block, int64_t end, float threshold, uint32_t* hits) {
    return kernels().scan_heads(heads_.data(), residuals_.data(), block, end, query.head, query.rest, threshold, hits);
  };
  return search_strips<Query>(*order_, items, tasks, queries, scan);
}

void scan_items(const ItemVectors& items, int64_t begin, int64_t end, const SearchTask& task) {
  constexpr int64_t kChunk = 256;
  float scores[kChunk];
  for (int64_t start = begin; start < end; start += kChunk) {
    const int64_t count = std::min(kChunk, end - start);
    kernels().scores(items.factors.row(start), count, items.factors.width, task.x, scores);
    for (int64_t i = 0; i < count; ++i) {
      const auto item = static_cast<int32_t>(start + i);
      const float score = items.biases == nullptr ? scores[i] : scores[i] + items.biases[item];
      if (score >= task.best->threshold() && !task.mask->contains(item))
        task.best->offer({item, score});
    }
  }
}

}  // namespace penstock
