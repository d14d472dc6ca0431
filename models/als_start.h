// Where alternating least squares begins.
#pragma once

#include <cstdint>

#include "models/als_problem.h"
#include "models/factors.h"
#include "models/workers.h"

namespace penstock {

/// Independent normal numbers of standard deviation 0.1 / √factors. Source: Rendle et al. 2022, section 4.
void start_at_noise(Factors& users, Factors& items, uint64_t seed);

/// Randomised subspace iteration on the confidences, rows and columns scaled by degree^−¼, factors split by the root of
/// the singular values. Costs about as much as one iteration and replaces the first eight. Every entry's target is
/// scaled to what the objective alone would make of it, c / (c + α0). Source: Halko, Martinsson, Tropp 2011, algorithm
/// 4.4.
void start_at_svd(const AlsSide& user_side, const AlsSide& item_side, float unobserved_weight, Factors& users,
                  Factors& items, uint64_t seed, Workers& workers, AlignedFloats& memory);

}  // namespace penstock
