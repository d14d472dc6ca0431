#include "models/rank_fold_in.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/random.h"
#include "models/rank_kernels.h"

namespace penstock {
namespace {

using Loss = HybridParameters::Loss;

constexpr uint64_t kSeed = 0x666f6c64;
constexpr float kMostLoss = 10;
constexpr int64_t kSteps = 1'200;  // of one fold-in, about
constexpr int64_t kMostPasses = 30;
constexpr int64_t kMostNegatives = 1'000;  // of a new item, in one pass

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// By how much a pair is to be descended; 0 for nothing. `other` scores the n-th drawn item, or has none to offer.
template <class Other>
float pair_step(const HybridState& state, float good, const Other& other) {
  if (state.parameters.loss != Loss::kWarp) {
    const std::optional<float> bad = other();
    return bad ? sigmoid(*bad - good) : 0;
  }
  for (int drawn = 1; drawn <= state.parameters.max_sampled; ++drawn) {
    const std::optional<float> bad = other();
    if (!bad || *bad <= good - 1)
      continue;
    const double rank = std::floor(static_cast<double>(state.trained_items - 1) / drawn);
    return std::min(kMostLoss, static_cast<float>(std::log(std::max(1.0, rank))));
  }
  return 0;
}

float score(const HybridState& state, int64_t item, const float* x) {
  return kernels().dot(state.vectors.row(item), x, state.vectors.width) + state.biases[item];
}

void shuffle(std::vector<ItemWeight>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[random.below(i)]);
}

int64_t passes_for(size_t examples) {
  return std::clamp<int64_t>(kSteps / static_cast<int64_t>(examples), 2, kMostPasses);
}

}  // namespace

bool compose_prior(const AlignedFloats& prior, const NamedEmbeddings& known, std::span<const Feature> features,
                   float* x, float* bias) {
  std::copy_n(prior.data(), prior.size(), x);
  double sum = 0;
  for (const Feature& feature : features)
    if (feature.value > 0 && known.row(feature.name) >= 0)
      sum += feature.value;
  if (!(sum > 0) || !std::isfinite(sum))
    return false;
  for (const Feature& feature : features) {
    const int64_t row = feature.value > 0 ? known.row(feature.name) : -1;
    if (row < 0)
      continue;
    const auto weight = static_cast<float>(feature.value / sum);
    rank_kernels().add(x, known.vectors.row(row), weight, known.vectors.width);
    *bias += weight * known.biases[row];
  }
  return true;
}

bool fold_in_user(const HybridState& state, std::span<const ItemWeight> history, float* x) {
  std::vector<ItemWeight> liked;
  for (const ItemWeight& item : history)
    if (item.item >= 0 && item.item < state.vectors.rows && item.weight > 0)
      liked.push_back(item);
  if (liked.empty())
    return false;
  std::sort(liked.begin(), liked.end(), [](const ItemWeight& a, const ItemWeight& b) { return a.item < b.item; });
  std::vector<int32_t> items;
  items.reserve(liked.size());
  for (const ItemWeight& item : liked)
    items.push_back(item.item);
  const int width = state.vectors.width;
  const float rate = state.parameters.learning_rate;
  AlignedFloats squares(width), direction(width);
  std::fill_n(squares.data(), width, 1.0f);
  Random random(kSeed);
  const int64_t passes = passes_for(liked.size());
  for (int64_t pass = 0; pass < passes; ++pass) {
    shuffle(liked, random);
    for (const ItemWeight& item : liked) {
      int64_t bad = -1;
      const auto draw = [&]() -> std::optional<float> {
        bad = static_cast<int64_t>(random.below(static_cast<uint64_t>(state.trained_items)));
        if (std::binary_search(items.begin(), items.end(), static_cast<int32_t>(bad)))
          return std::nullopt;
        return score(state, bad, x);
      };
      const float step = pair_step(state, score(state, item.item, x), draw);
      if (step == 0)
        continue;
      std::copy_n(state.vectors.row(bad), width, direction.data());
      rank_kernels().add(direction.data(), state.vectors.row(item.item), -1, width);
      rank_kernels().descend(x, squares.data(), direction.data(), step, rate, width);
    }
  }
  return true;
}

void fold_in_item(const HybridState& state, const ModelSnapshot::NewItem& item, float* y, float* bias) {
  const int width = state.vectors.width;
  std::vector<AlignedFloats> fans;
  for (const auto& fan : item.fans) {
    if (!(fan.weight > 0))
      continue;
    AlignedFloats x(width);
    std::copy_n(state.user_prior->data(), width, x.data());
    if (fold_in_user(state, fan.history, x.data()))
      fans.push_back(std::move(x));
  }
  if (fans.empty())
    return;
  const float rate = state.parameters.learning_rate;
  AlignedFloats squares(width);
  std::fill_n(squares.data(), width, 1.0f);
  float bias_squares = 1;
  const auto descend = [&](const float* x, float gradient) {
    rank_kernels().descend(y, squares.data(), x, gradient, rate, width);
    *bias -= rate * gradient / std::sqrt(bias_squares);
    bias_squares += gradient * gradient;
  };
  const auto own = [&](const float* x) { return kernels().dot(y, x, width) + *bias; };
  Random random(kSeed);
  const int64_t passes = passes_for(fans.size());
  const int64_t users = state.users->vectors.rows;
  const int64_t negatives = users == 0 ? 0 : std::min<int64_t>(kMostNegatives, std::lround(4 * state.mean_fans));
  for (int64_t pass = 0; pass < passes; ++pass) {
    float steps = 0;
    for (const AlignedFloats& x : fans) {
      const auto draw = [&]() -> std::optional<float> {
        return score(state, static_cast<int64_t>(random.below(static_cast<uint64_t>(state.trained_items))), x.data());
      };
      const float step = pair_step(state, own(x.data()), draw);
      steps += step;
      if (step > 0)
        descend(x.data(), -step);
    }
    // In training it would also be drawn as a wrong item, about as often as any other.
    const float mean_step = steps / static_cast<float>(fans.size());
    for (int64_t n = 0; n < negatives && mean_step > 0; ++n) {
      const auto user = static_cast<int64_t>(random.below(static_cast<uint64_t>(users)));
      const float* x = state.users->vectors.row(user);
      if (own(x) > state.users->levels[user] - 1)
        descend(x, mean_step);
    }
  }
}

}  // namespace penstock
