// Items with the same properties as those of the history: same vendor, same category, same author. Needs features of
// items (`category=food`), knows items that nobody has had yet, and says why.
//
//   v_if   how strongly feature f applies to item i
//   a_f    = ln(1 + items / n_f)     rare attributes count more; n_f: items that have f
//   score(u, i) = sum over j of u's history of w_uj · (sum over f of a_f v_jf v_if)  /  sum over j of w_uj
//
// Items that share nothing follow in order of popularity, and so do those that share the same. A user whose history has
// no item with features gets nothing.
// Source: content-based recommendation as in Lops, de Gemmis, Semeraro, "Recommender Systems Handbook", 2011, chapter 3;
// a_f is inverse document frequency (Spärck Jones, 1972) with 1 + so that it stays above 0.
#pragma once

#include "models/model.h"
#include "models/registry.h"

namespace penstock {

struct SameAttributeParameters {
  bool by_weight = true;  // a history entry counts as much as its weight; else 1
};

ModelPtr make_same_attribute(const SameAttributeParameters& parameters);
ModelType same_attribute_model();

}  // namespace penstock
