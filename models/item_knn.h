// Item-based nearest neighbours: two items are alike if the same users have them, and a user likes what is like the items
// of the history:
//
//   s_ji = r_j·r_i / (|r_j| |r_i|) · c / (c + h)    cosine, with shrinkage h: c is the number of users who have both
//   s_ji = r'_j·r'_i · c / (c + h)                  bm25
//   score(u, i) = sum over j of u's history for which i is among the K items most like j, of v(w_uj) s_ji
//
//   r_i   the item's values over the users: 1 each, or the summed weights
//   r'_ui = r_ui (k1 + 1) / (k1 (1 − b + b |r_i|₁ / mean |r|₁) + r_ui) · ln(1 + items / (1 + n_u)),
//         n_u: items of the user
//
// Source: Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001; Deshpande, Karypis,
// "Item-based top-N recommendation algorithms", TOIS 2004 (K neighbours of each item of the history); shrinkage: Bell,
// Koren, ICDM 2007; BM25: Robertson, Zaragoza, 2009, items as documents and users as their words (with
// 1 + in the logarithm, so that it stays above 0).
#pragma once

#include "models/model.h"
#include "models/registry.h"

namespace penstock {

struct ItemKnnParameters {
  enum class Similarity { kCosine, kBm25 };
  int neighbours = 20;  // K
  Similarity similarity = Similarity::kCosine;
  float shrinkage = 0;  // h
  float k1 = 1.2f;
  float b = 0.75f;
  bool by_weight = false;  // use summed weights; else each pair counts 1
};

ModelPtr make_item_knn(const ItemKnnParameters& parameters);
ModelType item_knn_model();

}  // namespace penstock
