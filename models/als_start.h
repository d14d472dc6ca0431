// Where alternating least squares begins.
#pragma once

#include <cstdint>

#include "models/als_problem.h"
#include "models/factors.h"
#include "models/workers.h"

namespace penstock {

/// Independent normal numbers of standard deviation 0.1 / √factors. Source: Rendle et al. 2022, section 4.
void start_at_noise(Factors& users, Factors& items, uint64_t seed);

/// Randomised subspace iteration on the confidences, rows and columns scaled by degree^−0.15, the last singular value
/// taken off all of them, factors split by the root of the singular values and scaled to the lowest objective. Costs
/// about as much as two iterations and replaces the first ten. Every entry's target is what the objective alone would
/// make of it, c / (c + α0). `memory` is worked in. Source: Halko, Martinsson, Tropp 2011, algorithm 4.4.
void start_at_svd(const AlsSide& user_side, const AlsSide& item_side, float unobserved_weight, Factors& users,
                  Factors& items, uint64_t seed, Workers& workers, AlignedFloats& memory);

}  // namespace penstock
