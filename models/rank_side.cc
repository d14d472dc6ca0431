#include "models/rank_side.h"

#include <algorithm>

namespace penstock {
namespace {

// Rows of weights that sum to 1.
SparseMatrix normalised(const SparseMatrix& features) {
  SparseMatrix out = features;
  for (int32_t row = 0; row < out.rows; ++row) {
    double sum = 0;
    for (int64_t entry = out.pointers[row]; entry < out.pointers[row + 1]; ++entry)
      sum += out.values[entry] = std::max(out.values[entry], 0.0f);
    for (int64_t entry = out.pointers[row]; entry < out.pointers[row + 1]; ++entry)
      out.values[entry] = sum > 0 ? static_cast<float>(out.values[entry] / sum) : 0.0f;
  }
  return out;
}

}  // namespace

RankSide make_side(int64_t rows, const FeatureMatrix& features, const HybridParameters& parameters, uint64_t seed) {
  RankSide side;
  side.own = Embeddings(rows, parameters.factors, splitmix64(seed));
  if (parameters.features && features.rows.rows > 0 && features.rows.entries() > 0) {
    side.features = normalised(features.rows);
    side.shared = Embeddings(features.rows.columns, parameters.factors, splitmix64(seed + 1));
  }
  return side;
}

Embeddings copy_of(const Embeddings& from) {
  Embeddings to(from.rows(), from.values.factors, 0);
  std::copy_n(from.values.values.data(), from.values.values.size(), to.values.values.data());
  std::copy_n(from.squares.values.data(), from.squares.values.size(), to.squares.values.data());
  to.biases = from.biases;
  to.bias_squares = from.bias_squares;
  return to;
}

void shrink(Embeddings& table, float factor) {
  for (size_t i = 0; i < table.values.values.size(); ++i)
    table.values.values[i] *= factor;
  for (float& bias : table.biases)
    bias *= factor;
}

}  // namespace penstock
