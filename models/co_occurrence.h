// Which items share users, and how strongly: the sums that neighbourhood models are made of. Goes through an inverted
// list: the users of an item, then the items of each of them. Costs the sum over users of (items of the user)².
#pragma once

#include <functional>

#include "core/status.h"
#include "models/interactions.h"
#include "models/model.h"

namespace penstock {

/// The weight in row `row` for `item`, from the number of users who have both and the sum over them of the product of
/// the two values. 0 or less: none. Called by any number of threads.
using Pairing = std::function<double(int32_t row, int32_t item, double product, uint32_t common)>;

/// Items × items: of each row the `keep` entries of largest weight (0: all), none on the diagonal. Requires: `by_item`
/// is `by_user` transposed. The same whatever the number of threads. Errors: cancelled.
Result<SparseMatrix> co_occurrence(const SparseMatrix& by_user, const SparseMatrix& by_item, size_t keep, int threads,
                                   const Pairing& pairing, TrainingProgress& progress);

/// Summed weights as models use them: entries that are not positive are left out, others are 1 if `binary`, else at most
/// 1e6.
SparseMatrix positive_part(const SparseMatrix& matrix, bool binary);

}  // namespace penstock
