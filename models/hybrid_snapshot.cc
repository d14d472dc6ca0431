#include "models/hybrid_snapshot.h"

#include <algorithm>
#include <cmath>

#include "models/best_items.h"
#include "models/rank_fold_in.h"

namespace penstock {
namespace {

constexpr int64_t kChunk = 1024;  // items scored together

size_t usable(const HybridState& state, std::span<const ItemWeight> history) {
  return static_cast<size_t>(std::count_if(history.begin(), history.end(), [&](const ItemWeight& item) {
    return item.item >= 0 && item.item < state.vectors.rows && item.weight > 0;
  }));
}

}  // namespace

HybridSnapshot::HybridSnapshot(HybridState state, const RetrievalOptions& options,
                               std::shared_ptr<const FactorRetrieval> before)
    : state_(std::move(state)),
      inverse_norms_(state_.vectors.rows),
      options_(options),
      retrieval_(FactorRetrieval::covering(std::move(before), {state_.vectors, state_.biases.data()}, options)) {
  for (int64_t item = 0; item < state_.vectors.rows; ++item) {
    const float* y = state_.vectors.row(item);
    const float norm = std::sqrt(kernels().dot(y, y, state_.vectors.width));
    inverse_norms_[item] = norm > 0 ? 1 / norm : 0;
  }
}

std::optional<AlignedFloats> HybridSnapshot::user(const ModelQuery& query) const {
  const int64_t known = query.user.empty() ? -1 : state_.users->row(query.user);
  AlignedFloats x(state_.vectors.width);
  bool says = known >= 0;
  if (known >= 0) {
    std::copy_n(state_.users->vectors.row(known), x.size(), x.data());
    if (usable(state_, query.history) <= state_.users->counts[known])
      return x;
  } else {
    float unused = 0;
    says = compose_prior(*state_.user_prior, *state_.user_features, query.features, x.data(), &unused);
  }
  says = fold_in_user(state_, query.history, x.data()) || says;
  return says ? std::optional(std::move(x)) : std::nullopt;
}

std::vector<ScoredItem> HybridSnapshot::recommend(const ModelQuery& query) const {
  if (query.n == 0)
    return {};
  const std::optional<AlignedFloats> x = user(query);
  if (!x)
    return {};
  const ItemMask mask(query);
  BestItems best(std::min(query.n, state_.items.size()));
  retrieval_->search({state_.vectors, state_.biases.data()}, x->data(), mask, best);
  return std::move(best).sorted();
}

std::vector<ScoredItem> HybridSnapshot::similar(int32_t item, size_t n, const ItemSet* allowed) const {
  const Factors& vectors = state_.vectors;
  BestItems best(std::min(n, state_.items.size()));
  float scores[kChunk];
  for (int64_t start = 0; start < vectors.rows && n > 0; start += kChunk) {
    const int64_t count = std::min(kChunk, vectors.rows - start);
    kernels().scores(vectors.row(start), count, vectors.width, vectors.row(item), scores);
    for (int64_t i = 0; i < count; ++i) {
      const float cosine = scores[i] * inverse_norms_[start + i] * inverse_norms_[item];
      const auto other = static_cast<int32_t>(start + i);
      if (cosine >= best.threshold() && other != item && (allowed == nullptr || allowed->contains(other)))
        best.offer({other, cosine});
    }
  }
  return std::move(best).sorted();
}

std::vector<float> HybridSnapshot::score_all(const ModelQuery& query) const {
  const std::optional<AlignedFloats> x = user(query);
  if (!x)
    return {};
  std::vector<float> scores(state_.items.size());
  kernels().scores(state_.vectors.values.data(), state_.vectors.rows, state_.vectors.width, x->data(), scores.data());
  for (size_t item = 0; item < scores.size(); ++item)
    scores[item] += state_.biases[item];
  return scores;
}

std::vector<float> HybridSnapshot::score(const ModelQuery& query, std::span<const int32_t> items) const {
  const std::optional<AlignedFloats> x = user(query);
  if (!x)
    return {};
  std::vector<float> scores;
  scores.reserve(items.size());
  for (const int32_t item : items)
    scores.push_back(kernels().dot(state_.vectors.row(item), x->data(), state_.vectors.width) + state_.biases[item]);
  return scores;
}

ModelSnapshotPtr HybridSnapshot::with_items(std::span<const NewItem> new_items) const {
  HybridState next;
  next.parameters = state_.parameters;
  next.users = state_.users;
  next.user_features = state_.user_features;
  next.item_features = state_.item_features;
  next.user_prior = state_.user_prior;
  next.item_prior = state_.item_prior;
  next.item_prior_bias = state_.item_prior_bias;
  next.mean_fans = state_.mean_fans;
  next.trained_items = state_.trained_items;
  next.items = state_.items;
  next.biases = state_.biases;
  next.vectors = Factors(static_cast<int64_t>(state_.items.size() + new_items.size()), state_.vectors.factors);
  std::copy_n(state_.vectors.values.data(), state_.vectors.values.size(), next.vectors.values.data());
  for (const NewItem& item : new_items) {
    float* y = next.vectors.row(static_cast<int64_t>(next.items.size()));
    float bias = state_.item_prior_bias;
    (void)compose_prior(*state_.item_prior, *state_.item_features, item.features, y, &bias);
    fold_in_item(state_, item, y, &bias);
    next.items.push_back(item.id);
    next.biases.push_back(bias);
  }
  return std::make_shared<const HybridSnapshot>(std::move(next), options_, retrieval_);
}

size_t HybridSnapshot::memory() const {
  return hybrid_memory(state_) + inverse_norms_.size() * sizeof(float) + retrieval_->memory();
}

}  // namespace penstock
