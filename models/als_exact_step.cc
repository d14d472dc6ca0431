#include <algorithm>

#include "models/als_half_step.h"
#include "models/dense.h"

namespace penstock {

void half_step_exact(const HalfStep& half) {
  const int size = half.fixed.factors;
  const int width = half.fixed.width;
  const AlignedFloats gram = gramian(half.fixed, half.workers);
  const AlsSide& side = half.solved_side;
  half.workers.run(static_cast<int64_t>(side.runs.size()) - 1, [&](int64_t run, int) {
    std::vector<float> matrix(static_cast<size_t>(size) * size), b(size);
    for (int32_t row = side.runs[run]; row < side.runs[run + 1]; ++row) {
      // A = α0 YᵀY + λ + sum of c y yᵀ,  b = sum of c t y with targets t, or 1
      for (int i = 0; i < size; ++i) {
        for (int j = 0; j < size; ++j)
          matrix[static_cast<size_t>(i) * size + j] = half.unobserved_weight * gram[static_cast<size_t>(i) * width + j];
        matrix[static_cast<size_t>(i) * size + i] += side.lambda[row];
      }
      std::fill(b.begin(), b.end(), 0.0f);
      for (int64_t entry = 0; entry < side.entries(row); ++entry) {
        const float* y = half.fixed.row(side.indices(row)[entry]);
        const float c = side.confidence == nullptr ? 1 : side.confidences(row)[entry];
        const float t = side.target == nullptr ? 1 : side.targets(row)[entry];
        for (int i = 0; i < size; ++i) {
          b[i] += c * t * y[i];
          for (int j = 0; j < size; ++j)
            matrix[static_cast<size_t>(i) * size + j] += c * y[i] * y[j];
        }
      }
      cholesky_solve(matrix, b);
      std::copy(b.begin(), b.end(), half.solved.row(row));
    }
  });
}

}  // namespace penstock
