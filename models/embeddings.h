// Rows of numbers that are learnt by Adagrad: an embedding and a bias each, with the sums of their squared gradients.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random.h"
#include "models/factors.h"

namespace penstock {

struct Embeddings {
  Embeddings() = default;
  /// Random around zero; biases zero; squares one, so that the first steps are no larger than the learning rate.
  Embeddings(int64_t rows, int factors, uint64_t seed)
      : values(rows, factors), squares(rows, factors), biases(rows), bias_squares(rows, 1.0f) {
    for (int64_t row = 0; row < rows; ++row) {
      Random random(splitmix64(seed ^ static_cast<uint64_t>(row)));
      for (int j = 0; j < factors; ++j)
        values.row(row)[j] = static_cast<float>((random.uniform() - 0.5) / factors);
    }
    for (size_t i = 0; i < squares.values.size(); ++i)
      squares.values[i] = 1;
  }
  int64_t rows() const { return values.rows; }

  Factors values, squares;
  std::vector<float> biases, bias_squares;
};

}  // namespace penstock
