// One half of an iteration of alternating least squares: with the factors Y of one side fixed, the rows x_u of the
// other come nearer to (fast) or reach (exact) the minimum of their part of the objective, the solution of
//
//   (α0 YᵀY + λ_u + sum over u's entries of c_ui y_i y_iᵀ) x_u = sum over u's entries of c_ui y_i
//
// The fast way first rotates both factor matrices into the eigenbasis of YᵀY, which changes no score and makes α0 YᵀY
// diagonal. In that basis the diagonal is a good preconditioner, and one or two steps of preconditioned conjugate
// gradients from the row's last value, which never form the row's matrix, do as well in the long run as the exact
// solution. The data part of the preconditioner is n_u times the mean of y_i² over all entries. Each step searches the
// line exactly, so the objective never rises. The passes over the entries read the fixed side packed to half its size
// (packed_kernels.h): that moves the objective in its sixth digit, and takes half the time.
//
// Source: Hu, Koren, Volinsky 2008, equation 4; Takács, Pilászy, Tikk 2011 for conjugate gradients.
#pragma once

#include <vector>

#include "models/als_problem.h"
#include "models/factors.h"
#include "models/workers.h"

namespace penstock {

/// What half-steps of one training work in, kept from one to the next.
struct HalfStepMemory {
  // What one thread needs for the rows of one run.
  struct Scratch {
    AlignedFloats residuals, directions, products;  // rows × width
    std::vector<float> rz, curvature;               // of each row
  };
  std::vector<Scratch> scratch;
  AlignedFloats packed;  // the fixed side (models/packed_kernels.h)
};

struct HalfStep {
  const AlsSide& solved_side;  // rows are those of `solved`
  const AlsSide& fixed_side;   // rows are those of `fixed`
  Factors& solved;
  Factors& fixed;  // only rotated
  float unobserved_weight;
  Workers& workers;
  HalfStepMemory& memory;
};

struct HalfStepResult {
  double objective;  // the whole of als.h, before the step
  double gain;       // by how much it fell
};
/// Requires: steps >= 1.
HalfStepResult half_step_fast(const HalfStep& half, int steps);
void half_step_exact(const HalfStep& half);

/// YᵀY (width × width, symmetric).
AlignedFloats gramian(const Factors& factors, Workers& workers);
/// Every row times `matrix`.
void rotate(Factors& factors, const AlignedFloats& matrix, Workers& workers);
/// All rows, each times its scale (1 if `scales` is null), as the packed kernels take them; grows `out` if need be.
const uint32_t* pack(const Factors& factors, const float* scales, AlignedFloats& out, Workers& workers);

}  // namespace penstock
