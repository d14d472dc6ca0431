// The inverse of a symmetric positive definite matrix by its Cholesky factor, in its own memory, on several threads:
//
//   A = L Lᵀ by blocks, in the lower triangle; then each block of columns c of A⁻¹ from  L Lᵀ X = I_c, of which only
//   the rows from c on are needed: forward and backward substitution with the lower right part of L. They go, transposed,
//   to the upper triangle.
//
// About n³ multiplications and additions, n² numbers. The same bits whatever the number of threads.
// Source: Golub, Van Loan, "Matrix computations", 4.2; blocked as in LAPACK's potrf.
#pragma once

#include <cstdint>
#include <vector>

#include "core/status.h"
#include "models/model.h"
#include "models/workers.h"

namespace penstock {

template <class Number>
struct SymmetricMatrix {
  explicit SymmetricMatrix(int64_t n) : size(n), cells(static_cast<size_t>(n) * n), diagonal(n) {}
  /// Of the lower triangle: row >= column.
  Number& lower(int64_t row, int64_t column) { return cells[static_cast<size_t>(column) * size + row]; }
  /// After invert(): any row and column.
  Number inverse(int64_t row, int64_t column) const {
    if (row == column)
      return diagonal[row];
    return row < column ? cells[static_cast<size_t>(column) * size + row]
                        : cells[static_cast<size_t>(row) * size + column];
  }

  int64_t size;
  std::vector<Number> cells;     // by column
  std::vector<Number> diagonal;  // of the inverse
};

/// Reads the lower triangle. Errors: failed_precondition (not positive definite in this precision), cancelled.
template <class Number>
Status invert(SymmetricMatrix<Number>& matrix, Workers& workers, TrainingProgress& progress);
extern template Status invert(SymmetricMatrix<float>&, Workers&, TrainingProgress&);
extern template Status invert(SymmetricMatrix<double>&, Workers&, TrainingProgress&);

}  // namespace penstock
