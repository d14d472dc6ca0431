// Models `hybrid` and `bpr`: users and items as sums of the embeddings of their features, learnt from pairs of items.
//
// A user is x_u = sum over the user's features f of w_f e_f, an item likewise y_i with a bias b_i, and the score is
// x_u · y_i + b_i. Each user and item is a feature of its own (weight 1) beside the declared ones, whose weights sum to 1.
// So somebody of whom only the declared features are known is answered too, and moves to a place of their own as events
// arrive. Learnt by Adagrad (rank_kernels.h) from one sampled pair of items for each interaction (u, i) and epoch:
//
//   warp      draws items j until one has  score(u, j) > score(u, i) − 1  (at most max_sampled; none: nothing to learn),
//             and descends  log((items − 1) / draws) · (score(u, j) − score(u, i))
//   bpr       draws one j in proportion to its popularity and descends  −log σ(score(u, i) − score(u, j))
//   logistic  draws one j and descends  −log σ(score(u, i)) − log(1 − σ(score(u, j)))
//
// each times the interaction's weight over the mean weight (at most ten times).
// Sources: Kula, "Metadata embeddings for user and item cold-start recommendations", CBRecSys 2015 (LightFM);
// Weston, Bengio, Usunier, "WSABIE: scaling up to large vocabulary image annotation", IJCAI 2011; Rendle et al., "BPR:
// Bayesian personalized ranking from implicit feedback", UAI 2009. Departures: users have no bias, which no ranking
// needs; an item without interactions is drawn as a wrong one only if nothing else is known about it; numbers shrink
// once an epoch, not at each step; pairs are drawn inside random blocks of items
// (hybrid_trainer.h); `bpr` has Adagrad's steps too.
#pragma once

#include "models/model.h"
#include "models/registry.h"
#include "models/retrieval_plan.h"

namespace penstock {

struct HybridParameters {
  enum class Loss { kWarp, kBpr, kLogistic };
  Loss loss = Loss::kWarp;
  int factors = 64;              // 1 to 1024
  int epochs = 60;               // 1 to 10000
  float learning_rate = 0.03f;   // over 0, at most 10
  float regularization = 0.01f;  // 0 to 0.5: share by which all numbers shrink after each epoch
  int max_sampled = 10;          // warp: 1 to 1000
  bool low_priority = true;      // of the threads that train
  RetrievalOptions retrieval = {};
  bool features = true;  // false: as if nothing but who is who were known (bpr)
};

/// Errors: invalid_argument, naming the parameter.
Result<ModelPtr> make_hybrid(const HybridParameters& parameters);
/// The same without features, with loss bpr. `loss`, `max_sampled` and `features` of the parameters are not looked at.
Result<ModelPtr> make_bpr(const HybridParameters& parameters);
ModelType hybrid_model();
ModelType bpr_model();

}  // namespace penstock
