#include "models/als_snapshot.h"

#include <algorithm>
#include <cmath>

#include "models/als_problem.h"
#include "models/dense.h"

namespace penstock {
namespace {

constexpr int kMaxWidth = 1024;

}  // namespace

AlsSnapshot::AlsSnapshot(AlsState state, const RetrievalOptions& options, std::shared_ptr<const FactorRetrieval> before)
    : state_(std::move(state)),
      inverse_norms_(state_.factors.rows),
      options_(options),
      retrieval_(FactorRetrieval::covering(std::move(before), {state_.factors}, options)) {
  for (int64_t item = 0; item < state_.factors.rows; ++item) {
    const float* y = state_.factors.row(item);
    const float norm = std::sqrt(kernels().dot(y, y, state_.factors.width));
    inverse_norms_[item] = norm > 0 ? 1 / norm : 0;
  }
}

FoldIn AlsSnapshot::fold_in() const {
  return {state_.factors,      state_.d, state_.unobserved_weight, state_.regularization, state_.frequency_exponent,
          state_.trained_items};
}

AlignedFloats AlsSnapshot::user_factors(std::span<const ItemWeight> history) const {
  AlignedFloats x(state_.factors.width);
  fold_in().solve(history, x.data());
  return x;
}

std::vector<ScoredItem> AlsSnapshot::recommend(const ModelQuery& query) const {
  if (query.n == 0 || query.history.empty())
    return {};
  alignas(64) float x[kMaxWidth];
  fold_in().solve(query.history, x);
  const ItemMask mask(query);
  BestItems best(std::min(query.n, state_.items.size()));
  retrieval_->search({state_.factors}, x, mask, best);
  return std::move(best).sorted();
}

std::vector<std::vector<ScoredItem>> AlsSnapshot::recommend_many(std::span<const ModelQuery> queries) const {
  constexpr size_t kTogether = 256;
  std::vector<std::vector<ScoredItem>> answers(queries.size());
  const int width = state_.factors.width;
  AlignedFloats x(std::min(kTogether, queries.size()) * width);
  for (size_t start = 0; start < queries.size(); start += kTogether) {
    std::vector<ItemMask> masks;
    std::vector<BestItems> best;
    std::vector<SearchTask> tasks;
    std::vector<size_t> asked;
    for (size_t i = start; i < std::min(start + kTogether, queries.size()); ++i) {
      if (queries[i].n > 0 && !queries[i].history.empty())
        asked.push_back(i);
    }
    masks.reserve(asked.size());
    best.reserve(asked.size());
    for (const size_t i : asked) {
      float* of_user = x.data() + tasks.size() * width;
      fold_in().solve(queries[i].history, of_user);
      masks.emplace_back(queries[i]);
      best.emplace_back(std::min(queries[i].n, state_.items.size()));
      tasks.push_back({of_user, &masks.back(), &best.back()});
    }
    retrieval_->search_many({state_.factors}, tasks);
    for (size_t n = 0; n < asked.size(); ++n)
      answers[asked[n]] = std::move(best[n]).sorted();
  }
  return answers;
}

std::vector<ScoredItem> AlsSnapshot::similar(int32_t item, size_t n, const ItemSet* allowed) const {
  constexpr int64_t kChunk = 1024;
  const Factors& factors = state_.factors;
  BestItems best(std::min(n, state_.items.size()));
  float scores[kChunk];
  for (int64_t start = 0; start < factors.rows && n > 0; start += kChunk) {
    const int64_t count = std::min(kChunk, factors.rows - start);
    kernels().scores(factors.row(start), count, factors.width, factors.row(item), scores);
    for (int64_t i = 0; i < count; ++i) {
      const float cosine = scores[i] * inverse_norms_[start + i] * inverse_norms_[item];
      if (cosine >= best.threshold() && start + i != item &&
          (allowed == nullptr || allowed->contains(static_cast<int32_t>(start + i))))
        best.offer({static_cast<int32_t>(start + i), cosine});
    }
  }
  return std::move(best).sorted();
}

std::vector<float> AlsSnapshot::score_all(const ModelQuery& query) const {
  if (query.history.empty())
    return {};
  alignas(64) float x[kMaxWidth];
  fold_in().solve(query.history, x);
  std::vector<float> scores(state_.items.size());
  kernels().scores(state_.factors.values.data(), state_.factors.rows, state_.factors.width, x, scores.data());
  return scores;
}

std::vector<float> AlsSnapshot::score(const ModelQuery& query, std::span<const int32_t> items) const {
  if (query.history.empty())
    return {};
  alignas(64) float x[kMaxWidth];
  fold_in().solve(query.history, x);
  std::vector<float> scores(items.size());
  for (size_t i = 0; i < items.size(); ++i)
    scores[i] = kernels().dot(state_.factors.row(items[i]), x, state_.factors.width);
  return scores;
}

std::vector<int32_t> AlsSnapshot::because(const ModelQuery& query, int32_t item, size_t n) const {
  const Factors& factors = state_.factors;
  BestItems strongest(n);
  for (const ItemWeight& seen : query.history) {
    if (seen.item < 0 || seen.item >= factors.rows || seen.item == item)
      continue;
    const float product = kernels().dot(factors.row(seen.item), factors.row(item), factors.width);
    const float cosine = product * inverse_norms_[seen.item] * inverse_norms_[item];
    if (cosine > 0 && als_confidence(seen.weight) > 0)
      strongest.offer({seen.item, als_confidence(seen.weight) * cosine});
  }
  std::vector<int32_t> reasons;
  for (const ScoredItem& reason : std::move(strongest).sorted())
    reasons.push_back(reason.item);
  return reasons;
}

void AlsSnapshot::solve_item(const NewItem& item, float* y) const {
  // (α0 XᵀX + λ_i + sum over fans of c x xᵀ) y = sum over fans of c x
  const int size = state_.factors.factors;
  const int width = state_.factors.width;
  std::vector<double> matrix(static_cast<size_t>(size) * size), b(size);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j)
      matrix[static_cast<size_t>(i) * size + j] = state_.user_gramian[static_cast<size_t>(i) * width + j];
  }
  int64_t positive = 0;
  for (const NewItem::Fan& fan : item.fans) {
    const double target = als_confidence(fan.weight);
    if (!(target > 0))
      continue;
    const double c = state_.unobserved_weight == 0 ? 1 : target;
    ++positive;
    const AlignedFloats x = user_factors(fan.history);
    for (int i = 0; i < size; ++i) {
      b[i] += target * x[i];
      for (int j = 0; j < size; ++j)
        matrix[static_cast<size_t>(i) * size + j] += c * x[i] * x[j];
    }
  }
  if (positive == 0)
    return;
  AlsParameters parameters;
  parameters.unobserved_weight = state_.unobserved_weight;
  parameters.regularization = state_.regularization;
  parameters.frequency_exponent = state_.frequency_exponent;
  const float lambda = als_lambda(parameters, positive, state_.trained_users);
  for (int i = 0; i < size; ++i)
    matrix[static_cast<size_t>(i) * size + i] += lambda;
  const std::vector<double> solution = cholesky_solve(matrix, b);
  if (std::all_of(solution.begin(), solution.end(), [](double value) { return std::isfinite(value); }))
    std::copy(solution.begin(), solution.end(), y);
}

ModelSnapshotPtr AlsSnapshot::with_items(std::span<const NewItem> new_items) const {
  const auto clone = [](const AlignedFloats& from) {
    AlignedFloats to(from.size());
    std::copy(from.data(), from.data() + from.size(), to.data());
    return to;
  };
  AlsState next;
  next.items = state_.items;
  next.items.reserve(state_.items.size() + new_items.size());
  next.factors = Factors(static_cast<int64_t>(state_.items.size() + new_items.size()), state_.factors.factors);
  std::copy(state_.factors.values.data(), state_.factors.values.data() + state_.factors.values.size(),
            next.factors.values.data());
  next.d = clone(state_.d);
  next.user_gramian = clone(state_.user_gramian);
  next.trained_users = state_.trained_users;
  next.trained_items = state_.trained_items;
  next.unobserved_weight = state_.unobserved_weight;
  next.regularization = state_.regularization;
  next.frequency_exponent = state_.frequency_exponent;
  for (const NewItem& item : new_items) {
    solve_item(item, next.factors.row(static_cast<int64_t>(next.items.size())));
    next.items.push_back(item.id);
  }
  return std::make_shared<const AlsSnapshot>(std::move(next), options_, retrieval_);
}

size_t AlsSnapshot::memory() const {
  size_t bytes = (state_.factors.values.size() + state_.user_gramian.size() + inverse_norms_.size()) * sizeof(float);
  for (const std::string& id : state_.items)
    bytes += sizeof(std::string) + (id.capacity() > 15 ? id.capacity() + 1 : 0);
  return bytes + retrieval_->memory();
}

}  // namespace penstock
