// The directions in which rows of factors vary most. Pure.
#pragma once

#include "models/factors.h"

namespace penstock {

/// `count` orthonormal rows that span about the same space as the eigenvectors of the largest eigenvalues of the Gramian
/// of the rows (of an even sample of them, if there are many). At most `rows.width` of them make sense, and at most so
/// many are returned. Source: Golub and Van Loan, Matrix Computations, 8.2.4 (orthogonal iteration), begun at the first
/// coordinates, so that factors which stand in that basis already take one step.
Factors main_directions(const Factors& rows, int count);

}  // namespace penstock
