// Vectors such as users have, for measuring a search when only the items are at hand.
#pragma once

#include "models/item_vectors.h"

namespace penstock {

/// `count` rows, each the sum of eight items drawn at random, as long as the items are on average: what fold-in makes of
/// a short history is about that. The same for the same items.
Factors sample_vectors(const ItemVectors& items, int count);

}  // namespace penstock
