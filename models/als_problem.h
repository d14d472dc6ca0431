// What alternating least squares works on: the interactions seen from one side, ready for the kernels. Belongs to one
// training.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "models/als.h"
#include "models/interactions.h"

namespace penstock {

/// λ (n + α0 · others)^ν of a row with n entries of positive confidence.
inline float als_lambda(const AlsParameters& parameters, int64_t n, int64_t others) {
  return parameters.regularization *
         std::pow(static_cast<float>(n) + parameters.unobserved_weight * static_cast<float>(others),
                  parameters.frequency_exponent);
}

/// c of a summed weight.
inline float als_confidence(float value) { return value > 0 ? std::min(value, 1e6f) : 0.0f; }

/// Users (or items) as rows, items (or users) as columns.
struct AlsSide {
  AlsSide(const SparseMatrix& matrix, const AlsParameters& parameters, int width);

  const int32_t* indices(int32_t row) const { return matrix.indices.data() + matrix.pointers[row]; }
  /// What explicit feedback asks x·y to be, 0 where c is 0; null for implicit feedback: 1 each.
  const float* targets(int32_t row) const { return target == nullptr ? nullptr : target + matrix.pointers[row]; }
  /// Null if all are 1.
  const float* confidences(int32_t row) const {
    return confidence == nullptr ? nullptr : confidence + matrix.pointers[row];
  }
  int64_t entries(int32_t row) const { return matrix.pointers[row + 1] - matrix.pointers[row]; }
  /// Tile t of a row is its entries from `tile_ends[t − 1]` to `tile_ends[t]`, counted from the row's begin.
  const int32_t* tile_ends(int32_t row) const { return ends.data() + static_cast<int64_t>(row) * tiles; }

  void take_targets(bool usable);  // of explicit feedback; `usable`: the matrix's values are what they are

  const SparseMatrix& matrix;
  const float* confidence = nullptr;
  std::vector<float> confidence_values;  // what `confidence` points to unless the matrix's values serve
  const float* target = nullptr;
  std::vector<float> target_values;   // what `target` points to unless the matrix's values serve
  std::vector<float> target_squares;  // of each row: the sum of c · target²; only with targets
  std::vector<float> weight;          // of each row: the sum of its confidences
  std::vector<float> lambda;          // of each row
  std::vector<int32_t> runs;          // rows of each task
  int tiles = 1;                      // parts of the columns whose factors fit the cache
  std::vector<int32_t> ends;          // rows × tiles
};

}  // namespace penstock
