// Trains the model of hybrid.h by stochastic gradient descent on several threads, with a result that depends on the data
// and the seed alone.
//
// Users and items are dealt into as many random blocks as there are lanes (a number that the data decides), items anew
// for each epoch. An epoch has as many turns as lanes: in turn t, lane l learns from the interactions of user block l
// with item block (l + t) mod lanes, and draws its wrong items from that item block too. So no two lanes ever have the
// same row, whoever runs them, and every step sees the newest numbers, as it would on one thread. Only embeddings of
// declared features belong to everybody: each lane changes a copy, and after every few hundred interactions the changes
// of all copies are added up in the order of the lanes.
//
// Source of the blocks: Gemulla et al., "Large-scale matrix factorization with distributed stochastic gradient descent",
// KDD 2011.
#pragma once

#include <cstdint>
#include <vector>

#include "models/embeddings.h"
#include "models/hybrid.h"
#include "models/interactions.h"
#include "models/rank_lane.h"
#include "models/workers.h"

namespace penstock {

class HybridTrainer {
 public:
  /// `data` outlives this. Requires: some interaction has a weight over 0.
  HybridTrainer(const HybridParameters& parameters, const Interactions& data, uint64_t seed, int threads);

  /// One pass over all interactions. Returns the mean loss, of those that had one.
  double epoch();

  const RankSide& users() const { return users_; }
  const RankSide& items() const { return items_; }
  RankSide& users() { return users_; }
  RankSide& items() { return items_; }

 private:
  void deal_users();
  void deal_items(Random& random);
  void fill_buckets();
  void turn(int turn, uint64_t seed);
  void merge(RankSide& side, Embeddings RankLane::*copy, std::vector<uint8_t> RankLane::*touched);

  const HybridParameters parameters_;
  const Interactions& data_;
  const uint64_t seed_;
  uint64_t epochs_ = 0;
  int lanes_;
  float mean_weight_ = 1;
  RankSide users_, items_;
  std::vector<std::vector<int32_t>> user_blocks_, item_blocks_;
  std::vector<int32_t> drawn_items_;                // that may be wrong ones
  std::vector<uint8_t> item_block_;                 // of each item
  std::vector<RankExample> examples_;               // of the epoch, by lane and item block
  std::vector<int64_t> lane_begin_;                 // of its examples
  std::vector<std::vector<int64_t>> bucket_begin_;  // of each lane: item block → its examples
  const Positives positives_;
  std::vector<RankLane> lane_;
  Workers workers_;
};

}  // namespace penstock
