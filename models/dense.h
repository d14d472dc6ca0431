// Factorisations of small dense symmetric matrices: the door to the linear algebra library. Matrices are width × width,
// row-major, of which the leading size × size part counts and the rest is zero. Safe for any number of threads.
#pragma once

#include <span>
#include <vector>

#include "models/aligned.h"

namespace penstock {

struct SymmetricEigen {
  AlignedFloats values;   // `width` of them, largest first, not below 0
  AlignedFloats vectors;  // width × width, a column for each value
};

/// Reads the lower triangle. Requires: a matrix of finite numbers.
SymmetricEigen symmetric_eigen(const float* matrix, int size, int width);

/// T with Tᵀ A T = identity on the space that A spans; directions that A does not have become zero columns.
AlignedFloats whitening(const float* matrix, int size, int width);

/// Solves A x = b by Cholesky factors in double precision; `matrix` is size × size, row-major, positive definite.
std::vector<double> cholesky_solve(std::span<const double> matrix, std::span<const double> b);
/// The same in single precision, in place of b.
void cholesky_solve(std::span<const float> matrix, std::span<float> b);

}  // namespace penstock
