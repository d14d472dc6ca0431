// The state of one training by alternating least squares, step by step. Used by one thread; works on threads of its
// own.
#pragma once

#include <cstdint>
#include <utility>

#include "models/als_half_step.h"
#include "models/als_snapshot.h"

namespace penstock {

class AlsTrainer {
 public:
  /// `interactions` must outlive the trainer. With `before`, a training of as many factors that knew most of what was
  /// interacted with, it begins there: users are solved against the items' last factors, then new items from their fans
  /// and the others anew. Requires: valid parameters, interactions with a positive entry.
  AlsTrainer(const AlsParameters& parameters, const Interactions& interactions, uint64_t seed, int threads,
             const AlsState* before = nullptr);

  /// Updates all users, then all items.
  void iterate();
  /// The whole objective of als.h, recounted, and divided by the number of entries.
  double objective();
  /// The same after the last iterate(), which found it on its way: to about four digits, its passes being over
  /// packed factors. Only of the fast solver.
  double tracked_objective() const { return tracked_ / entries_; }

  /// Whether it began at another training and the last iteration gained next to nothing.
  bool settled() const { return warm_ && last_gain_ < kNothing; }

  const Factors& users() const { return users_; }
  const Factors& items() const { return items_; }

  /// Rotates both sides into the eigenbasis of the items' Gramian, most important direction first. Returns the
  /// eigenvalues.
  AlignedFloats rotate_to_item_basis();
  AlignedFloats user_gramian() { return gramian(users_, workers_); }
  /// The items' factors; the trainer is of no use any more.
  Factors take_items() { return std::move(items_); }

 private:
  static constexpr double kNothing = 2e-4;  // of the objective: what a cold start's tenth iteration gains

  int steps() const;
  bool start_warm(const AlsState& before, const Interactions& interactions);
  HalfStep half(bool users);
  double explicit_error(int32_t user, AlignedFloats& sums) const;

  AlsParameters parameters_;
  Workers workers_;
  Factors users_;
  Factors items_;
  AlsSide user_side_;
  AlsSide item_side_;
  HalfStepMemory memory_;
  double entries_;
  double tracked_ = 0;
  bool warm_ = false;
  double last_gain_ = 1;  // of the last iteration, as a share of the objective
};

}  // namespace penstock
