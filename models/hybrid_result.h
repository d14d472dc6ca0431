// From the embeddings of a training to what answers: each user and item summed from its features, and the means that stand
// in for those whom training has not seen. Plain function of its input.
#pragma once

#include "models/hybrid_state.h"
#include "models/hybrid_trainer.h"

namespace penstock {

HybridState hybrid_state(const HybridTrainer& trainer, const HybridParameters& parameters, const Interactions& data);

}  // namespace penstock
