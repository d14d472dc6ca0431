// Alternating least squares for implicit feedback: every user u and item i gets a vector of `factors` numbers, and
// x_u · y_i says how much u would like i. Finds the X (users × factors) and Y (items × factors) that minimise
//
//   sum over observed (u, i) of c_ui (1 − x_u·y_i)²  +  α0 · sum over all (u, i) of (x_u·y_i)²
//     +  sum over u of λ_u |x_u|²  +  sum over i of λ_i |y_i|²
//
//   c_ui  confidence: the summed weight of u's interactions with i (1 for binary data), at most 1e6; a sum that is not
//         positive says nothing about taste (c = 0), but the item still counts as seen
//   α0    `unobserved_weight`
//   λ_u = λ (n_u + α0 · items)^ν,  λ_i = λ (n_i + α0 · users)^ν,  n: number of entries with c > 0
//
// With explicit feedback c_ui is the rating r_ui itself, and only observed pairs count:
//
//   sum over rated (u, i) of (r_ui − x_u·y_i)²  +  sum over u of λ n_u |x_u|²  +  sum over i of λ n_i |y_i|²
//
// which is the above with α0 = 0, ν = 1 and r_ui in the place of the 1; that is how a trained model keeps it.
//
// Source: Hu, Koren, Volinsky, ICDM 2008; Rendle, Krichene, Zhang, Koren, "Revisiting the performance of iALS", RecSys
// 2022, equations 2 to 4; for explicit feedback Zhou, Wilkinson, Schreiber, Pan, AAIM 2008 (ALS-WR). A model is immutable and may be used by any number of threads; a fit runs on threads of its
// own.
#pragma once

#include <cstdint>

#include "core/status.h"
#include "models/registry.h"
#include "models/retrieval_plan.h"

namespace penstock {

struct AlsParameters {
  enum class Solver {
    kAuto,   // preconditioned conjugate gradients, one or two steps a row and half-step (als_half_step.h)
    kExact,  // dense normal equations and their Cholesky factors: slow, for checking
  };
  enum class Feedback {
    kImplicit,  // weights say how sure it is that somebody likes something
    kExplicit,  // weights are ratings, to be foretold
  };
  Feedback feedback = Feedback::kImplicit;
  int factors = 64;                 // 1 to 1024
  int iterations = 12;              // 1 to 1000; one updates all users, then all items
  float unobserved_weight = 0.3f;   // α0, over 0
  float regularization = 0.25f;     // λ, over 0
  float frequency_exponent = 0.5f;  // ν, 0 to 1
  bool svd_start = true;            // begin at a randomised singular value decomposition, not at noise
  bool warm_start = false;          // begin at FitOptions::warm_start, if there is one, and stop when little is gained
  Solver solver = Solver::kAuto;
  RetrievalOptions retrieval = {};
  bool low_priority = true;  // train at a low CPU priority, so that serving goes first
};

/// Errors: invalid_argument, naming the parameter and its range.
Result<ModelPtr> make_als(const AlsParameters& parameters);
ModelType als_model();

}  // namespace penstock
