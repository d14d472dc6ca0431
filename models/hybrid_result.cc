#include "models/hybrid_result.h"

#include <algorithm>
#include <numeric>

#include "models/rank_kernels.h"

namespace penstock {
namespace {

bool has_positive(std::span<const float> values) {
  return std::any_of(values.begin(), values.end(), [](float value) { return value > 0; });
}

// What is known of a row by its declared features, added to `out`.
void add_features(const RankSide& side, int64_t row, float* out, float* bias) {
  if (!side.has_features())
    return;
  const auto features = side.features.row_indices(static_cast<int32_t>(row));
  const auto weights = side.features.row_values(static_cast<int32_t>(row));
  for (size_t i = 0; i < features.size(); ++i) {
    rank_kernels().add(out, side.shared.values.row(features[i]), weights[i], side.shared.values.width);
    *bias += weights[i] * side.shared.biases[features[i]];
  }
}

struct Prior {
  std::shared_ptr<AlignedFloats> vector;
  float bias = 0;
};

// The mean of the rows that had something to learn from.
Prior mean_own(const RankSide& side, const SparseMatrix& interactions) {
  std::vector<double> sums(side.own.values.width);
  double bias = 0;
  int64_t rows = 0;
  for (int32_t row = 0; row < interactions.rows; ++row) {
    if (!has_positive(interactions.row_values(row)))
      continue;
    ++rows;
    bias += side.own.biases[row];
    for (int j = 0; j < side.own.values.width; ++j)
      sums[j] += side.own.values.row(row)[j];
  }
  Prior prior{std::make_shared<AlignedFloats>(sums.size())};
  for (size_t j = 0; j < sums.size() && rows > 0; ++j)
    (*prior.vector)[j] = static_cast<float>(sums[j] / static_cast<double>(rows));
  prior.bias = rows > 0 ? static_cast<float>(bias / static_cast<double>(rows)) : 0;
  return prior;
}

std::shared_ptr<const NamedEmbeddings> named(const RankSide& side, const std::vector<std::string>& names) {
  auto out = std::make_shared<NamedEmbeddings>();
  out->vectors = Factors(side.shared.rows(), side.own.values.factors);
  if (!side.has_features())
    return out;
  std::vector<int32_t> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return names[a] < names[b]; });
  for (size_t place = 0; place < order.size(); ++place) {
    out->names.push_back(names[order[place]]);
    out->biases.push_back(side.shared.biases[order[place]]);
    std::copy_n(side.shared.values.row(order[place]), out->vectors.width,
                out->vectors.row(static_cast<int64_t>(place)));
  }
  return out;
}

// An item that nobody has, but whose features are known, is at the mean of all items where its own embedding would be.
void fill_items(const RankSide& side, const Prior& prior, const Interactions& data, HybridState& state) {
  state.vectors = Factors(data.by_user.columns, state.parameters.factors);
  for (int32_t item = 0; item < data.by_user.columns; ++item) {
    const bool described = side.has_features() && !side.features.row_indices(item).empty();
    const bool own = !described || has_positive(data.by_item.row_values(item));
    const float* from = own ? side.own.values.row(item) : prior.vector->data();
    float bias = own ? side.own.biases[item] : prior.bias;
    std::copy_n(from, state.vectors.width, state.vectors.row(item));
    add_features(side, item, state.vectors.row(item), &bias);
    state.biases.push_back(bias);
  }
}

std::shared_ptr<const HybridUsers> make_users(const RankSide& side, const Interactions& data,
                                              const HybridState& state) {
  std::vector<int32_t> order;
  for (int32_t user = 0; user < data.by_user.rows; ++user)
    if (has_positive(data.by_user.row_values(user)))
      order.push_back(user);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return data.users[a] < data.users[b]; });
  auto out = std::make_shared<HybridUsers>();
  out->vectors = Factors(static_cast<int64_t>(order.size()), state.parameters.factors);
  for (size_t place = 0; place < order.size(); ++place) {
    const int32_t user = order[place];
    float* x = out->vectors.row(static_cast<int64_t>(place));
    float unused = 0;
    std::copy_n(side.own.values.row(user), out->vectors.width, x);
    add_features(side, user, x, &unused);
    const auto items = data.by_user.row_indices(user);
    const auto weights = data.by_user.row_values(user);
    double sum = 0;
    uint32_t count = 0;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!(weights[i] > 0))
        continue;
      ++count;
      sum += kernels().dot(state.vectors.row(items[i]), x, out->vectors.width) + state.biases[items[i]];
    }
    out->ids.push_back(data.users[user]);
    out->counts.push_back(count);
    out->levels.push_back(static_cast<float>(sum / count));
  }
  return out;
}

}  // namespace

HybridState hybrid_state(const HybridTrainer& trainer, const HybridParameters& parameters, const Interactions& data) {
  HybridState state;
  state.parameters = parameters;
  state.trained_items = data.by_user.columns;
  state.mean_fans = static_cast<float>(data.by_user.entries()) / static_cast<float>(data.by_user.columns);
  state.items = data.items;
  state.user_features = named(trainer.users(), data.user_features.names);
  state.item_features = named(trainer.items(), data.item_features.names);
  state.user_prior = mean_own(trainer.users(), data.by_user).vector;
  const Prior item_prior = mean_own(trainer.items(), data.by_item);
  state.item_prior = item_prior.vector;
  state.item_prior_bias = item_prior.bias;
  fill_items(trainer.items(), item_prior, data, state);
  state.users = make_users(trainer.users(), data, state);
  return state;
}

}  // namespace penstock
