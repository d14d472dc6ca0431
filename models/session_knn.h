// Nearest sessions (V-SKNN): what was looked at in past sessions that are like the present one. Needs no user: the history
// of a query, in order of first contact, is the session; the model's `user` names past sessions.
//
//   w_p    = p / n                           of the p-th of the session's n last items: the newest counts most
//   sim(s) = sum over the items shared with s of w_p  /  √|s|
//   λ(s)   = 1 / (1 + items since the newest that is shared with s)
//   score(i) = sum over the K most similar sessions s that have i of sim(s) λ(s) (1 + d · ln(sessions / n_i))
//
// Only the `sample` newest of the sessions that share an item are compared. With `recency: false` w and λ are 1.
//
// Source: Ludewig, Jannach, "Evaluation of session-based recommendation algorithms", User Modeling and User-Adapted
// Interaction 2018, section 3.3 (V-SKNN with inverse document frequency as in their code, d its weight); here a long past
// session counts less, by the root of its length.
#pragma once

#include "models/model.h"
#include "models/registry.h"

namespace penstock {

struct SessionKnnParameters {
  int neighbours = 300;  // K
  int sample = 1000;
  int last_items = 10;  // of the session, that are compared
  float idf = 1;        // d
  bool recency = true;
};

ModelPtr make_session_knn(const SessionKnnParameters& parameters);
ModelType session_knn_model();

}  // namespace penstock
