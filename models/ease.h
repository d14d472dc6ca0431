// EASE, a linear autoencoder without hidden layer: each item is foretold from all others by ridge regression over the
// users, in closed form:
//
//   min over B of |X − X B|² + λ |B|²  with  diag(B) = 0
//   P = (XᵀX + λ I)⁻¹,  B_ji = −P_ji / P_ii for j ≠ i
//   score(u, i) = sum over j of u's history of v(w_uj) B_ji
//
//   X  users × items: 1 for each pair, or the summed weight
//
// The inverse takes items² numbers and about items³ operations: for catalogues up to some ten thousand items. Its
// numbers have double precision up to 8,192 items, single above.
//
// A new item n, whose fans' other interactions were in the training, gets exactly the column that a new training would
// give it: with g = Xᵀx_n the regression b = P g, from and to it by the inverse of the bordered matrix:
//   B_in = b_i,   p = 1 / (x_n·x_n + λ − g·b),   B_ni = b_i p / (P_ii + b_i² p)
// What stands between the other items stays as it is.
//
// Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019, equations 4 to 8.
#pragma once

#include "models/model.h"
#include "models/registry.h"

namespace penstock {

struct EaseParameters {
  float regularization = 400;  // λ, over 0
  int neighbours = 0;          // strongest weights (by size) an item keeps; 0: all
  int max_items = 20000;
  bool by_weight = false;  // use summed weights; else each pair counts 1
};

ModelPtr make_ease(const EaseParameters& parameters);
ModelType ease_model();

}  // namespace penstock
