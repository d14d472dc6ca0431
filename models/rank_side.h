// The users, or the items, of a training on pairs (hybrid_trainer.h): what is learnt for each of them, and for the features
// that are declared.
#pragma once

#include "models/embeddings.h"
#include "models/hybrid.h"
#include "models/interactions.h"

namespace penstock {

/// Users or items: a row of their own each, and the rows of the declared features.
struct RankSide {
  Embeddings own;
  Embeddings shared;      // by feature; no rows if there are none
  SparseMatrix features;  // of each user or item, weights summing to 1; no rows if there are none

  bool has_features() const { return shared.rows() > 0; }
};

RankSide make_side(int64_t rows, const FeatureMatrix& features, const HybridParameters& parameters, uint64_t seed);
Embeddings copy_of(const Embeddings& from);
/// Embeddings and biases times a factor; their squared gradients stay.
void shrink(Embeddings& table, float factor);

}  // namespace penstock
