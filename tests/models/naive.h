// Slow and obvious versions of what the models do, to compare with.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/random.h"
#include "models/als.h"
#include "models/als_problem.h"
#include "models/interactions.h"
#include "models/model.h"

namespace penstock::testing {

class NoProgress final : public TrainingProgress {
 public:
  void step(size_t, size_t, const std::string& note) override { notes.push_back(note); }
  bool cancelled() const override { return cancel_after > 0 && notes.size() >= cancel_after; }
  std::vector<std::string> notes;
  size_t cancel_after = 0;
};

/// Random interactions: popular items are more likely; weights are 1 unless `weighted`.
inline Interactions random_interactions(int users, int items, int per_user, uint64_t seed, bool weighted = false) {
  Random random(seed);
  InteractionsBuilder builder;
  for (int user = 0; user < users; ++user) {
    for (int n = 0; n < per_user; ++n) {
      const double u = random.uniform();
      // Users and items of equal parity like each other.
      int item = static_cast<int>(u * u * items);
      if (random.below(4) != 0 && (item ^ user) & 1)
        item = item + 1 < items ? item + 1 : item - 1;
      builder.add({std::to_string(user),
                   std::to_string(item),
                   weighted ? static_cast<float>(0.25 * static_cast<double>(1 + random.below(8))) : 1.0f,
                   {static_cast<int64_t>(random.below(1000))}});
    }
  }
  Interactions out = std::move(builder).build();
  if (!weighted) {
    std::fill(out.by_user.values.begin(), out.by_user.values.end(), 1.0f);
    std::fill(out.by_item.values.begin(), out.by_item.values.end(), 1.0f);
  }
  return out;
}

inline std::vector<ItemWeight> history_of(const Interactions& data, int32_t user) {
  std::vector<ItemWeight> history;
  for (size_t i = 0; i < data.by_user.row_indices(user).size(); ++i)
    history.push_back({data.by_user.row_indices(user)[i], data.by_user.row_values(user)[i]});
  return history;
}

using Dense = std::vector<std::vector<double>>;

/// Gauss and Jordan with pivoting.
inline std::vector<double> solve(Dense a, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t column = 0; column < n; ++column) {
    size_t pivot = column;
    for (size_t row = column; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column]))
        pivot = row;
    }
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    for (size_t row = 0; row < n; ++row) {
      if (row == column)
        continue;
      const double factor = a[row][column] / a[column][column];
      for (size_t k = column; k < n; ++k)
        a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  for (size_t row = 0; row < n; ++row)
    b[row] /= a[row][row];
  return b;
}

/// The row that minimises the objective with the other side fixed: dense normal equations.
inline std::vector<double> dense_row(const Dense& others, const std::vector<int32_t>& indices,
                                     const std::vector<float>& confidences, double unobserved, double lambda) {
  const size_t k = others.front().size();
  Dense a(k, std::vector<double>(k));
  std::vector<double> b(k);
  for (const auto& y : others) {
    for (size_t i = 0; i < k; ++i) {
      for (size_t j = 0; j < k; ++j)
        a[i][j] += unobserved * y[i] * y[j];
    }
  }
  for (size_t i = 0; i < k; ++i)
    a[i][i] += lambda;
  for (size_t entry = 0; entry < indices.size(); ++entry) {
    const auto& y = others[indices[entry]];
    for (size_t i = 0; i < k; ++i) {
      b[i] += confidences[entry] * y[i];
      for (size_t j = 0; j < k; ++j)
        a[i][j] += confidences[entry] * y[i] * y[j];
    }
  }
  return solve(a, b);
}

/// The objective of als.h, pair by pair.
inline double objective(const Interactions& data, const Dense& x, const Dense& y, const AlsParameters& parameters) {
  double total = 0;
  std::vector<int64_t> user_count(x.size()), item_count(y.size());
  for (size_t u = 0; u < x.size(); ++u) {
    std::vector<double> confidence(y.size());
    for (const ItemWeight& seen : history_of(data, static_cast<int32_t>(u))) {
      confidence[seen.item] = seen.weight > 0 ? seen.weight : 0;
      user_count[u] += seen.weight > 0;
      item_count[seen.item] += seen.weight > 0;
    }
    for (size_t i = 0; i < y.size(); ++i) {
      double s = 0;
      for (size_t k = 0; k < x[u].size(); ++k)
        s += x[u][k] * y[i][k];
      total += confidence[i] * (1 - s) * (1 - s) + parameters.unobserved_weight * s * s;
    }
  }
  const auto norms = [&](const Dense& rows, const std::vector<int64_t>& counts, size_t others) {
    for (size_t row = 0; row < rows.size(); ++row) {
      for (const double value : rows[row])
        total += als_lambda(parameters, counts[row], static_cast<int64_t>(others)) * value * value;
    }
  };
  norms(x, user_count, y.size());
  norms(y, item_count, x.size());
  return total;
}

/// All items by a full sort, masked ones removed.
inline std::vector<ScoredItem> full_sort(const std::vector<float>& scores, const std::vector<int32_t>& masked,
                                         size_t n) {
  std::vector<ScoredItem> out;
  for (size_t item = 0; item < scores.size(); ++item) {
    if (std::find(masked.begin(), masked.end(), static_cast<int32_t>(item)) == masked.end())
      out.push_back({static_cast<int32_t>(item), scores[item]});
  }
  std::stable_sort(out.begin(), out.end(), [](const ScoredItem& a, const ScoredItem& b) { return a.score > b.score; });
  out.resize(std::min(n, out.size()));
  return out;
}

}  // namespace penstock::testing
