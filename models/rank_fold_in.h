// Solves one user, or one new item, against a trained hybrid model (hybrid.h) whose other side stands still: the same
// pairs and steps as in training, for this row alone. The same history gives the same bits, whatever came before, and
// in whatever order it is given.
#pragma once

#include <span>

#include "models/hybrid_state.h"

namespace penstock {

/// What the declared features alone say: prior + sum of w_f e_f. Names that training has not seen are passed over; false
/// if none is left. `x` and `bias` hold the prior in any case.
bool compose_prior(const AlignedFloats& prior, const NamedEmbeddings& known, std::span<const Feature> features,
                   float* x, float* bias);

/// Moves a user's x, which holds the best guess so far, towards a history. Items that are unknown or have no weight over
/// 0 are passed over; false, and x as it was, if none is left. Wrong items are drawn from those of the training.
/// Cost: at 64 factors about 0.1 µs a draw, at most 12,000 draws.
bool fold_in_user(const HybridState& state, std::span<const ItemWeight> history, float* x);

/// Moves a new item's y and b, which hold the best guess so far, towards its fans, and away from users who are none.
void fold_in_item(const HybridState& state, const ModelSnapshot::NewItem& item, float* y, float* bias);

}  // namespace penstock
