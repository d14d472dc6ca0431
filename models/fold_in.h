// Solves one user's vector exactly from the whole history, with the items' factors fixed:
//
//   (α0 YᵀY + λ_u + sum over the history of c_i y_i y_iᵀ) x = sum over the history of c_i y_i
//
// by conjugate gradients to convergence in the eigenbasis of YᵀY (als_half_step.h), a microsecond for each 50 items of
// the history at 64 factors. Relative error against the dense solution: at most 1e-4. Safe for any number of threads.
#pragma once

#include <span>

#include "models/factors.h"
#include "models/model.h"

namespace penstock {

struct FoldIn {
  const Factors& items;     // rotated: YᵀY is diagonal
  const AlignedFloats& d;   // α0 times that diagonal
  float unobserved_weight;  // α0; 0: weights are ratings (als.h), the right side is the sum of r_i y_i and every c is 1
  float regularization;     // λ
  float frequency_exponent;  // ν
  int64_t trained_items;     // for λ_u

  /// Writes one row to `x` (64-byte aligned). Unknown item numbers are passed over; without any positive weight x is 0.
  void solve(std::span<const ItemWeight> history, float* x) const;
};

}  // namespace penstock
