// What a factor model's items are to a search: rows of factors and, where the model has them, a bias each. The score of
// item i for a user's vector x is x · y_i + b_i. A view: whoever passes it keeps what it points to.
#pragma once

#include "models/factors.h"

namespace penstock {

struct ItemVectors {
  const Factors& factors;
  const float* biases = nullptr;  // one a row; null: none

  int64_t size() const { return factors.rows; }
  /// In these very bits: what kernels().dot() gives, and the bias added to it.
  float score(int64_t item, const float* x) const {
    const float product = kernels().dot(factors.row(item), x, factors.width);
    return biases == nullptr ? product : product + biases[item];
  }
};

}  // namespace penstock
