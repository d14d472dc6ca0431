// One training in a process of its own, ours or `implicit`'s, so that the peak memory of each is its own; and the file
// of interactions that both read.
//
//   file := users:i64 items:i64 entries:i64 user:i32* item:i32* held_out:i32 (one a user, −1 for none)*
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/als.h"

namespace penstock::bench {

struct AlsRun {
  std::string shape;   // a name for it
  std::string file;    // of interactions
  AlsParameters ours;  // the best NDCG@10 of a small grid for each of the two
  float implicit_regularization;
  int threads = 2;
  int64_t judged_users = 6040;  // the first ones; NDCG@10 of their held-out items
};

struct Curve {
  std::vector<double> seconds;  // after each iteration, training only; ours with the start
  std::vector<double> ndcg;
  double base_megabytes = 0, peak_megabytes = 0;  // of the process, before training and at its peak

  double median_iteration() const;
  double best_ndcg() const;
  /// Infinite if it is never reached.
  double seconds_to(double wanted_ndcg) const;
};

/// Trains in this process and prints what run_ours() reads; exits with an error if the answer is wrong.
int train_here(int argc, char** argv);
Curve run_ours(const AlsRun& run);
/// Requires: PENSTOCK_IMPLICIT_PYTHON names a Python that has `implicit` (bench/als.sh installs it).
Curve run_implicit(const AlsRun& run);
bool has_implicit();

}  // namespace penstock::bench
