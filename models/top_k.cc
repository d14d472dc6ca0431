#include "models/top_k.h"

#include <cmath>
#include <numeric>

namespace penstock {
namespace {

// What rounding can add to a score or a bound, as a share of |x| |y|.
constexpr float kRounding = 1e-5f;

double norm(const float* values, int count) {
  double sum = 0;
  for (int j = 0; j < count; ++j)
    sum += static_cast<double>(values[j]) * values[j];
  return std::sqrt(sum);
}

}  // namespace

TopKIndex::TopKIndex(const Factors& items) : size_(items.rows), order_(items.rows) {
  std::vector<float> norm_of(size_);
  for (int64_t item = 0; item < size_; ++item)
    norm_of[item] = static_cast<float>(norm(items.row(item), items.width));
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(),
            [&](int32_t a, int32_t b) { return norm_of[a] != norm_of[b] ? norm_of[a] > norm_of[b] : a < b; });

  const int64_t blocks = (size_ + kBlock - 1) / kBlock;
  heads_ = AlignedFloats(blocks * kBlock * Kernels::kHead);
  residuals_ = AlignedFloats(blocks * kBlock);
  for (int64_t place = 0; place < size_; ++place) {
    const float* y = items.row(order_[place]);
    float* head = heads_.data() + place / kBlock * kBlock * Kernels::kHead + place % kBlock;
    for (int j = 0; j < Kernels::kHead; ++j)
      head[j * kBlock] = y[j];
    residuals_[place] = static_cast<float>(norm(y + Kernels::kHead, items.width - Kernels::kHead));
    if (place % kStrip == 0)
      norms_.push_back(norm_of[order_[place]]);
  }
}

size_t TopKIndex::memory() const {
  return (heads_.size() + residuals_.size() + norms_.size()) * sizeof(float) + order_.size() * sizeof(int32_t);
}

void TopKIndex::search(const Factors& items, const float* x, const ItemMask& mask, BestItems& best) const {
  const auto length = static_cast<float>(norm(x, items.width));
  const auto rest = static_cast<float>(norm(x + Kernels::kHead, items.width - Kernels::kHead));
  const int64_t blocks = (size_ + kBlock - 1) / kBlock;
  for (size_t strip = 0; strip < norms_.size(); ++strip) {
    const float most = length * norms_[strip];
    const float slack = most * kRounding;
    if (most + slack < best.threshold())
      return;
    const int64_t end = std::min<int64_t>((strip + 1) * (kStrip / kBlock), blocks);
    uint32_t hits = 0;
    for (int64_t block = strip * (kStrip / kBlock); block < end; ++block) {
      block =
          kernels().scan_heads(heads_.data(), residuals_.data(), block, end, x, rest, best.threshold() - slack, &hits);
      if (block == end)
        break;
      for (; hits != 0; hits &= hits - 1) {
        const int64_t place = block * kBlock + __builtin_ctz(hits);
        if (place >= size_)
          break;
        const int32_t item = order_[place];
        const float score = kernels().dot(items.row(item), x, items.width);
        if (score >= best.threshold() && !mask.contains(item))
          best.offer({item, score});
      }
    }
  }
}

void scan_items(const Factors& items, int64_t begin, int64_t end, const float* x, const ItemMask& mask,
                BestItems& best) {
  constexpr int64_t kChunk = 256;
  float scores[kChunk];
  for (int64_t start = begin; start < end; start += kChunk) {
    const int64_t count = std::min(kChunk, end - start);
    kernels().scores(items.row(start), count, items.width, x, scores);
    for (int64_t i = 0; i < count; ++i) {
      const auto item = static_cast<int32_t>(start + i);
      if (scores[i] >= best.threshold() && !mask.contains(item))
        best.offer({item, scores[i]});
    }
  }
}

}  // namespace penstock
