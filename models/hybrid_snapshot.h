// The answers of a trained hybrid model. A user whose history is that of the training has the vector of the training;
// one with more, or one whom training has not seen, begins at that vector, or at what the declared features say, and is
// folded in from the history. Somebody without a history is answered from declared features, and not at all if there are
// none. Immutable, safe for any number of threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/hybrid_state.h"
#include "models/retrieval.h"

namespace penstock {

class HybridSnapshot final : public ModelSnapshot {
 public:
  /// `before` covers the first of the state's items.
  HybridSnapshot(HybridState state, const RetrievalOptions& options,
                 std::shared_ptr<const FactorRetrieval> before = nullptr);

  const std::vector<std::string>& items() const override { return state_.items; }
  std::vector<ScoredItem> recommend(const ModelQuery& query) const override;
  /// By the cosine of the items' vectors; 0 for an item without one.
  std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed) const override;
  std::vector<float> score_all(const ModelQuery& query) const override;
  std::vector<float> score(const ModelQuery& query, std::span<const int32_t> items) const override;
  /// A new item begins at what its features say, or at the mean of all items, and is folded in from its fans.
  ModelSnapshotPtr with_items(std::span<const NewItem> items) const override;
  Retrieval retrieval() const override { return retrieval_->report(); }
  std::string save() const override { return save_hybrid(state_); }
  /// With the vectors of all users of the training.
  size_t memory() const override;

  /// The user's vector; none if there is nothing to say.
  std::optional<AlignedFloats> user(const ModelQuery& query) const;
  const HybridState& state() const { return state_; }

 private:
  HybridState state_;
  std::vector<float> inverse_norms_;  // of the items' vectors; 0 for none
  RetrievalOptions options_;
  std::shared_ptr<const FactorRetrieval> retrieval_;
};

}  // namespace penstock
