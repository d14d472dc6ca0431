// A catalogue larger than any data set at hand, made from a model that was learnt.
#pragma once

#include <cstdint>
#include <memory>

#include "models/als_snapshot.h"

namespace penstock::bench {

/// Begins with the learnt items, so that histories mean something; every further item is a learnt one with its norm scaled
/// (log-normal, σ = 0.35) and noise added. α0 shrinks as the catalogue grows, so that users stay what they were.
std::shared_ptr<const AlsSnapshot> enlarged(const AlsSnapshot& from, int64_t items);

}  // namespace penstock::bench
