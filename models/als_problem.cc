#include "models/als_problem.h"

#include <algorithm>

#include "models/packed_kernels.h"
#include "models/partition.h"

namespace penstock {
namespace {

// Measured: factors of one tile stay in the second-level cache of 1 MiB or more while a run of rows passes over them.
constexpr int64_t kTileBytes = 896 << 10;
constexpr int64_t kRunEntries = 32 << 10;
// A tile that holds fewer entries of a row than this costs more than it saves.
constexpr int64_t kTileEntries = 16;

}  // namespace

AlsSide::AlsSide(const SparseMatrix& rows, const AlsParameters& parameters, int width) : matrix(rows) {
  const bool ones = std::all_of(matrix.values.begin(), matrix.values.end(), [](float value) { return value == 1; });
  const bool usable = ones || std::all_of(matrix.values.begin(), matrix.values.end(),
                                          [](float value) { return value == als_confidence(value); });
  if (parameters.unobserved_weight == 0) {
    take_targets(usable);
  } else if (!usable) {
    confidence_values.resize(matrix.values.size());
    std::transform(matrix.values.begin(), matrix.values.end(), confidence_values.begin(), als_confidence);
    confidence = confidence_values.data();
  } else if (!ones) {
    confidence = matrix.values.data();
  }

  weight.resize(matrix.rows);
  target_squares.resize(target == nullptr ? 0 : matrix.rows);
  lambda.resize(matrix.rows);
  for (int32_t row = 0; row < matrix.rows; ++row) {
    double sum = 0;
    int64_t positive = 0;
    if (ones) {
      positive = entries(row);
      sum = static_cast<double>(positive);
    } else {
      for (const float value : matrix.row_values(row)) {
        sum += target != nullptr ? (value > 0 ? 1 : 0) : als_confidence(value);
        positive += value > 0;
      }
    }
    for (int64_t entry = 0; target != nullptr && entry < entries(row); ++entry)
      target_squares[row] += targets(row)[entry] * targets(row)[entry];
    weight[row] = static_cast<float>(sum);
    lambda[row] = als_lambda(parameters, positive, matrix.columns);
  }

  runs = runs_of_rows(matrix, kRunEntries);
  const int64_t bytes = static_cast<int64_t>(matrix.columns) * packed_width(width) * int64_t{sizeof(uint32_t)};
  const int64_t most = matrix.rows == 0 ? 1 : matrix.entries() / matrix.rows / kTileEntries;
  tiles = static_cast<int>(std::clamp<int64_t>((bytes + kTileBytes - 1) / kTileBytes, 1, std::max<int64_t>(most, 1)));
  ends.resize(static_cast<size_t>(matrix.rows) * tiles);
  for (int32_t row = 0; row < matrix.rows; ++row) {
    const auto of_row = matrix.row_indices(row);
    for (int tile = 0; tile < tiles; ++tile) {
      const auto limit = static_cast<int32_t>(part_begin(matrix.columns, tiles, tile + 1));
      ends[static_cast<size_t>(row) * tiles + tile] =
          static_cast<int32_t>(std::lower_bound(of_row.begin(), of_row.end(), limit) - of_row.begin());
    }
  }
}

void AlsSide::take_targets(bool usable) {
  target = matrix.values.data();
  if (!usable) {
    target_values.resize(matrix.values.size());
    std::transform(matrix.values.begin(), matrix.values.end(), target_values.begin(), als_confidence);
    target = target_values.data();
  }
  if (std::all_of(matrix.values.begin(), matrix.values.end(), [](float value) { return value > 0; }))
    return;
  confidence_values.resize(matrix.values.size());
  std::transform(matrix.values.begin(), matrix.values.end(), confidence_values.begin(),
                 [](float value) { return value > 0 ? 1.0f : 0.0f; });
  confidence = confidence_values.data();
}

}  // namespace penstock
