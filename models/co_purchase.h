// What is bought together: items that occur in the same baskets as those of the history. A basket is whatever the model's
// `user` names: an order, a session, or a person.
//
//   n_j: baskets with j,  n_ji: baskets with both,  N: all baskets
//   confidence  W_ji = n_ji / n_j            of the baskets with j, the share that has i too
//   lift        W_ji = n_ji N / (n_j n_i)    how much more often than by chance
//   pairs that fewer than `least_together` baskets share count nothing
//   score(i) = sum over the items j at hand for which i is among the `neighbours` strongest, of W_ji
//
// Source: Agrawal, Imieliński, Swami, "Mining association rules between sets of items in large databases", SIGMOD 1993
// (rules of one item on each side); lift: Brin et al., SIGMOD 1997.
#pragma once

#include "models/model.h"
#include "models/registry.h"

namespace penstock {

struct CoPurchaseParameters {
  enum class Measure { kConfidence, kLift };
  Measure measure = Measure::kConfidence;
  int least_together = 2;
  int neighbours = 50;
};

ModelPtr make_co_purchase(const CoPurchaseParameters& parameters);
ModelType co_purchase_model();

}  // namespace penstock
