// One half of an iteration of alternating least squares: with the factors Y of one side fixed, the rows x_u of the
// other come nearer to (fast) or reach (exact) the minimum of their part of the objective, the solution of
//
//   (α0 YᵀY + λ_u + sum over u's entries of c_ui y_i y_iᵀ) x_u = sum over u's entries of c_ui y_i
//
// The fast way first rotates both factor matrices into the eigenbasis of YᵀY, which changes no score and makes α0 YᵀY
// diagonal. In that basis the diagonal is a good preconditioner, and one or two steps of preconditioned conjugate
// gradients from the row's last value, which never form the row's matrix, do as well in the long run as the exact
// solution. The data part of the preconditioner is n_u times the mean of y_i² over all entries. Each step searches the
// line exactly, so the objective never rises.
//
// Source: Hu, Koren, Volinsky 2008, equation 4; Takács, Pilászy, Tikk 2011 for conjugate gradients.
#pragma once

#include "models/als_problem.h"
#include "models/factors.h"
#include "models/workers.h"

namespace penstock {

struct HalfStep {
  const AlsSide& solved_side;  // rows are those of `solved`
  const AlsSide& fixed_side;   // rows are those of `fixed`
  Factors& solved;
  Factors& fixed;  // only rotated
  float unobserved_weight;
  Workers& workers;
};

/// By how much the objective fell. Requires: steps >= 1.
double half_step_fast(const HalfStep& half, int steps);
void half_step_exact(const HalfStep& half);

/// YᵀY (width × width, symmetric).
AlignedFloats gramian(const Factors& factors, Workers& workers);
/// Every row times `matrix`.
void rotate(Factors& factors, const AlignedFloats& matrix, Workers& workers);

}  // namespace penstock
