// How rows are cut into tasks. Depends on the data only, never on the number of threads, so that sums over tasks, added
// in the order of the tasks, have the same bits on any machine size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/interactions.h"

namespace penstock {

/// Parts of about equal size for reductions: part k of `parts` is [part_begin(n, parts, k), part_begin(n, parts, k +
/// 1)).
constexpr int64_t part_begin(int64_t rows, int64_t parts, int64_t part) { return rows * part / parts; }
constexpr int64_t reduction_parts(int64_t rows) { return std::clamp<int64_t>(rows / 256, 1, 16); }

/// Boundaries of runs of rows with about `entries` entries each, a row counting 16 on top. First 0, last the row count.
inline std::vector<int32_t> runs_of_rows(const SparseMatrix& matrix, int64_t entries) {
  std::vector<int32_t> bounds = {0};
  int64_t taken = 0;
  for (int32_t row = 0; row < matrix.rows; ++row) {
    taken += matrix.pointers[row + 1] - matrix.pointers[row] + 16;
    if (taken >= entries) {
      bounds.push_back(row + 1);
      taken = 0;
    }
  }
  if (bounds.back() != matrix.rows)
    bounds.push_back(matrix.rows);
  return bounds;
}

}  // namespace penstock
