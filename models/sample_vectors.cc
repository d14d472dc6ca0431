#include "models/sample_vectors.h"

#include <cmath>

#include "core/random.h"
#include "models/norm_order.h"

namespace penstock {

Factors sample_vectors(const ItemVectors& items, int count) {
  constexpr int kItems = 8;
  const int width = items.factors.width;
  Factors out(items.size() == 0 ? 0 : count, items.factors.factors);
  Random random(1);
  for (int64_t row = 0; row < out.rows; ++row) {
    double lengths = 0;
    for (int n = 0; n < kItems; ++n) {
      const float* y = items.factors.row(static_cast<int64_t>(random.below(items.size())));
      lengths += norm(y, width) / kItems;
      for (int j = 0; j < width; ++j)
        out.row(row)[j] += y[j];
    }
    const double length = norm(out.row(row), width);
    const auto scale = static_cast<float>(length > 0 ? lengths / length : 0);
    for (int j = 0; j < width; ++j)
      out.row(row)[j] *= scale;
  }
  return out;
}

}  // namespace penstock
