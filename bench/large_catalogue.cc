#include "bench/large_catalogue.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "models/als_trainer.h"
#include "models/dense.h"

namespace penstock::bench {

std::shared_ptr<const AlsSnapshot> enlarged(const AlsSnapshot& from, int64_t items) {
  const AlsState& old = from.state();
  Random random(5);
  AlsState state;
  state.factors = Factors(items, old.factors.factors);
  std::vector<float> deviation(old.factors.width);
  for (int64_t item = 0; item < old.factors.rows; ++item) {
    for (int j = 0; j < old.factors.width; ++j)
      deviation[j] += old.factors.row(item)[j] * old.factors.row(item)[j];
  }
  for (float& of_factor : deviation)
    of_factor = std::sqrt(of_factor / static_cast<float>(old.factors.rows));
  for (int64_t item = 0; item < items; ++item) {
    const bool learnt = item < old.factors.rows;
    const float* model = old.factors.row(learnt ? item : static_cast<int64_t>(random.below(old.factors.rows)));
    const float scale = learnt ? 1 : static_cast<float>(std::exp(0.35 * random.normal()));
    const float noise = learnt ? 0 : 0.5f;
    for (int j = 0; j < old.factors.factors; ++j)
      state.factors.row(item)[j] = scale * (model[j] + noise * deviation[j] * static_cast<float>(random.normal()));
    state.items.push_back(std::to_string(item));
  }
  Workers workers(2, false);
  const AlignedFloats gram = gramian(state.factors, workers);
  SymmetricEigen eigen = symmetric_eigen(gram.data(), old.factors.factors, old.factors.width);
  rotate(state.factors, eigen.vectors, workers);
  state.unobserved_weight = old.unobserved_weight * static_cast<float>(old.factors.rows) / static_cast<float>(items);
  state.d = std::move(eigen.values);
  for (size_t j = 0; j < state.d.size(); ++j)
    state.d[j] *= state.unobserved_weight;
  state.user_gramian = AlignedFloats(gram.size());
  state.trained_users = old.trained_users;
  state.trained_items = items;
  state.regularization = old.regularization;
  state.frequency_exponent = old.frequency_exponent;
  return std::make_shared<const AlsSnapshot>(std::move(state), RetrievalOptions());
}

}  // namespace penstock::bench
