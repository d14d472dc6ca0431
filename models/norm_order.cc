#include "models/norm_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace penstock {

double norm(const float* values, int count) {
  double sum = 0;
  for (int j = 0; j < count; ++j)
    sum += static_cast<double>(values[j]) * values[j];
  return std::sqrt(sum);
}

NormOrder::NormOrder(const ItemVectors& items) : items_(items.size()) {
  const int64_t size = items.size();
  std::vector<float> norms(size), reach(size);
  double squares = 0;
  for (int64_t item = 0; item < size; ++item) {
    const auto length = static_cast<float>(norm(items.factors.row(item), items.factors.width));
    norms[item] = reach[item] = std::nextafter(length, INFINITY);
    squares += static_cast<double>(length) * length;
  }
  if (items.biases != nullptr) {
    // Of users nothing is known yet: they are taken to be as long as the items.
    const auto typical = static_cast<float>(std::sqrt(squares / static_cast<double>(std::max<int64_t>(size, 1))));
    for (int64_t item = 0; item < size; ++item) {
      reach[item] = typical * norms[item] + items.biases[item];
      largest_bias_ = std::max(largest_bias_, std::fabs(items.biases[item]));
    }
  }
  std::iota(items_.begin(), items_.end(), 0);
  std::sort(items_.begin(), items_.end(),
            [&](int32_t a, int32_t b) { return reach[a] != reach[b] ? reach[a] > reach[b] : a < b; });

  for (int64_t start = 0; start < size; start += kStrip) {
    float length = 0, bias = -INFINITY;
    for (int64_t place = start; place < std::min(size, start + kStrip); ++place) {
      length = std::max(length, norms[items_[place]]);
      if (items.biases != nullptr)
        bias = std::max(bias, items.biases[items_[place]]);
    }
    norms_.push_back(length);
    if (items.biases != nullptr)
      biases_.push_back(bias);
  }
}

}  // namespace penstock
