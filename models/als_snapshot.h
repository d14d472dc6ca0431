// What alternating least squares learnt: the items' factors, in the eigenbasis of their Gramian, and what fold-in
// needs. Users are not kept: each is solved from the history when asked about. Immutable, safe for any number of
// threads.
//
// Stored as (numbers little-endian):
//   snapshot  := "PSTKALS" version:u8 = 1, head, items, d, user_gramian, factors, checksum
//   head      := factors:u32 items:u32 trained_users:i64 trained_items:i64 α0:f32 λ:f32 ν:f32
//   items     := (length:u32 bytes)*                        the ids, by number
//                                                           α0 = 0: of explicit feedback (als.h)
//   d         := f32 × factors                              α0 × eigenvalues of YᵀY, largest first
//   user_gramian := f32 × factors²                          α0 XᵀX
//   factors   := f32 × items × factors                      Y
//   checksum  := u64                                        XXH64 of all before it
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/als.h"
#include "models/factors.h"
#include "models/fold_in.h"
#include "models/retrieval.h"

namespace penstock {

struct AlsState {
  std::vector<std::string> items;
  Factors factors;             // Y, rotated
  AlignedFloats d;             // α0 × eigenvalues of YᵀY
  AlignedFloats user_gramian;  // α0 XᵀX in the same basis
  int64_t trained_users = 0;
  int64_t trained_items = 0;
  float unobserved_weight = 0;
  float regularization = 0;
  float frequency_exponent = 0;
};

class AlsSnapshot final : public ModelSnapshot {
 public:
  /// `before`, if there is one, covers the first of the state's items.
  AlsSnapshot(AlsState state, const RetrievalOptions& options, std::shared_ptr<const FactorRetrieval> before = nullptr);
  /// Errors: data_loss.
  static Result<ModelSnapshotPtr> load(std::string_view bytes, const RetrievalOptions& options);

  const std::vector<std::string>& items() const override { return state_.items; }
  /// Users without a history get nothing.
  std::vector<ScoredItem> recommend(const ModelQuery& query) const override;
  std::vector<std::vector<ScoredItem>> recommend_many(std::span<const ModelQuery> queries) const override;
  /// By the cosine of the items' factors; 0 for an item without factors.
  std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed) const override;
  std::vector<float> score_all(const ModelQuery& query) const override;
  std::vector<float> score(const ModelQuery& query, std::span<const int32_t> items) const override;
  /// By the cosine of the factors with those of the item, times the confidence.
  std::vector<int32_t> because(const ModelQuery& query, int32_t item, size_t n) const override;
  /// A new item's factors are solved from its fans, each folded in. The Gramian of the items stays that of the
  /// training.
  ModelSnapshotPtr with_items(std::span<const NewItem> items) const override;
  Retrieval retrieval() const override { return retrieval_->report(); }
  std::string save() const override;
  size_t memory() const override;

  /// The vector of a user with this history (for tests and benchmarks).
  AlignedFloats user_factors(std::span<const ItemWeight> history) const;
  const AlsState& state() const { return state_; }
  const FactorRetrieval& search() const { return *retrieval_; }

 private:
  FoldIn fold_in() const;
  void solve_item(const NewItem& item, float* y) const;

  AlsState state_;
  std::vector<float> inverse_norms_;  // of the items' factors; 0 for none
  RetrievalOptions options_;
  std::shared_ptr<const FactorRetrieval> retrieval_;
};

}  // namespace penstock
