// One lane of a training on pairs (hybrid_trainer.h): takes a step for each interaction it is given. Alone on its users
// and items; embeddings of declared features are copies of its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"
#include "models/aligned.h"
#include "models/hybrid.h"
#include "models/interactions.h"
#include "models/rank_side.h"

namespace penstock {

struct RankExample {
  int32_t user;
  int32_t item;
  float weight;
};

/// Whether a user has an item with a weight over 0. Asked for each wrong item that is drawn. Where a bit for each pair of
/// user and item costs at most four bytes an interaction, there is one; else a filter of eight bits an interaction (Bloom
/// 1970, with one hash) answers most of the questions.
class Positives {
 public:
  explicit Positives(const SparseMatrix& by_user);  // which outlives this
  bool contain(int32_t user, int32_t item) const {
    const uint64_t bit = place(user, item);
    return (words_[bit / 64] >> (bit % 64) & 1) != 0 && (exact_ || listed(user, item));
  }

 private:
  uint64_t place(int32_t user, int32_t item) const {
    if (exact_)
      return static_cast<uint64_t>(user) * static_cast<uint64_t>(by_user_.columns) + static_cast<uint64_t>(item);
    const auto bits = static_cast<uint64_t>(by_user_.pointers[user + 1] - by_user_.pointers[user]) * 8;
    const uint64_t hash = static_cast<uint32_t>(item) * 0x9e3779b1U;
    return static_cast<uint64_t>(by_user_.pointers[user]) * 8 + ((hash * bits) >> 32);
  }
  bool listed(int32_t user, int32_t item) const;

  const SparseMatrix& by_user_;
  const bool exact_;
  std::vector<uint64_t> words_;
};

class RankLane {
 public:
  /// All outlive this. `drawn`: how many items may be drawn as wrong ones, for the estimate of a rank.
  RankLane(const HybridParameters& parameters, const Positives& positives, RankSide& users, RankSide& items,
           int64_t drawn);

  /// Steps for these examples; wrong items are drawn from `pool` (bpr: from the examples of the whole `bucket`).
  void learn(std::span<const RankExample> examples, std::span<const RankExample> bucket, std::span<const int32_t> pool,
             Random& random);

  // The lane's copy of the embeddings of declared features, and which of them it has changed since they were merged.
  Embeddings user_copy, item_copy;
  std::vector<uint8_t> users_touched, items_touched;
  // Summed losses and their number; whoever reads them sets them back.
  double loss = 0;
  int64_t losses = 0;

 private:
  void warp(const RankExample& example, std::span<const int32_t> pool, Random& random);
  void bpr(const RankExample& example, std::span<const RankExample> bucket, Random& random);
  void logistic(const RankExample& example, std::span<const int32_t> pool, Random& random);

  const float* user(int32_t row);
  const float* item(int32_t row, float* buffer, float& bias);
  void descend_pair(int32_t user, int32_t good, int32_t bad, float step);
  void descend_one(int32_t user, int32_t item, float gradient);
  void descend_item(int32_t row, const float* direction, float gradient);
  void descend_user(int32_t row, const float* direction, float gradient);
  void descend_bias(Embeddings& table, int64_t row, float gradient);

  const HybridParameters& parameters_;
  const Positives& positives_;
  RankSide& users_;
  RankSide& items_;
  std::vector<float> steps_;  // warp: by the number of draws that it took to find a wrong item
  const int width_;
  const bool plain_;                              // nothing but who is who
  AlignedFloats user_, good_, bad_, difference_;  // buffers of composed rows
};

}  // namespace penstock
