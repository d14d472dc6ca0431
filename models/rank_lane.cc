#include "models/rank_lane.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/rank_kernels.h"

namespace penstock {
namespace {

constexpr float kMostLoss = 10;
constexpr int kDraws = 4;  // scored together

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// buffer = the row's own embedding + those of its declared features, times their weights; the same for the bias.
const float* compose(const RankSide& side, const Embeddings& shared, int32_t row, float* buffer, float& bias) {
  const int width = side.own.values.width;
  bias = side.own.biases[row];
  if (!side.has_features())
    return side.own.values.row(row);
  std::memcpy(buffer, side.own.values.row(row), sizeof(float) * width);
  const auto features = side.features.row_indices(row);
  const auto weights = side.features.row_values(row);
  for (size_t i = 0; i < features.size(); ++i) {
    rank_kernels().add(buffer, shared.values.row(features[i]), weights[i], width);
    bias += weights[i] * shared.biases[features[i]];
  }
  return buffer;
}

}  // namespace

Positives::Positives(const SparseMatrix& by_user)
    : by_user_(by_user), exact_(int64_t{by_user.rows} * by_user.columns <= 32 * by_user.entries()) {
  const int64_t bits = exact_ ? int64_t{by_user.rows} * by_user.columns : by_user.entries() * 8;
  words_.resize(static_cast<size_t>(bits + 63) / 64);
  for (int32_t user = 0; user < by_user.rows; ++user) {
    const auto items = by_user.row_indices(user);
    for (size_t i = 0; i < items.size(); ++i)
      if (by_user.row_values(user)[i] > 0)
        words_[place(user, items[i]) / 64] |= 1ULL << (place(user, items[i]) % 64);
  }
}

bool Positives::listed(int32_t user, int32_t item) const {
  const auto items = by_user_.row_indices(user);
  const auto found = std::lower_bound(items.begin(), items.end(), item);
  return found != items.end() && *found == item && by_user_.row_values(user)[found - items.begin()] > 0;
}

RankLane::RankLane(const HybridParameters& parameters, const Positives& positives, RankSide& users, RankSide& items,
                   int64_t drawn)
    : parameters_(parameters),
      positives_(positives),
      users_(users),
      items_(items),
      width_(users.own.values.width),
      plain_(!users.has_features() && !items.has_features()),
      user_(width_),
      good_(width_),
      bad_(static_cast<size_t>(width_) * kDraws),
      difference_(width_) {
  // log of the rank that so many draws speak for
  for (int draws = 0; draws <= parameters.max_sampled; ++draws)
    steps_.push_back(static_cast<float>(std::log(std::max<int64_t>(1, (drawn - 1) / std::max(draws, 1)))));
}

const float* RankLane::user(int32_t row) {
  float unused = 0;
  return compose(users_, user_copy, row, user_.data(), unused);
}

const float* RankLane::item(int32_t row, float* buffer, float& bias) {
  return compose(items_, item_copy, row, buffer, bias);
}

void RankLane::descend_bias(Embeddings& table, int64_t row, float gradient) {
  table.biases[row] -= parameters_.learning_rate * gradient / std::sqrt(table.bias_squares[row]);
  table.bias_squares[row] += gradient * gradient;
}

void RankLane::descend_user(int32_t row, const float* direction, float gradient) {
  const RankKernels& kernels = rank_kernels();
  const float rate = parameters_.learning_rate;
  kernels.descend(users_.own.values.row(row), users_.own.squares.row(row), direction, gradient, rate, width_);
  if (!users_.has_features())
    return;
  const auto features = users_.features.row_indices(row);
  const auto weights = users_.features.row_values(row);
  for (size_t i = 0; i < features.size(); ++i) {
    kernels.descend(user_copy.values.row(features[i]), user_copy.squares.row(features[i]), direction,
                    gradient * weights[i], rate, width_);
    users_touched[features[i]] = 1;
  }
}

void RankLane::descend_item(int32_t row, const float* direction, float gradient) {
  const RankKernels& kernels = rank_kernels();
  const float rate = parameters_.learning_rate;
  kernels.descend(items_.own.values.row(row), items_.own.squares.row(row), direction, gradient, rate, width_);
  descend_bias(items_.own, row, gradient);
  if (!items_.has_features())
    return;
  const auto features = items_.features.row_indices(row);
  const auto weights = items_.features.row_values(row);
  for (size_t i = 0; i < features.size(); ++i) {
    kernels.descend(item_copy.values.row(features[i]), item_copy.squares.row(features[i]), direction,
                    gradient * weights[i], rate, width_);
    descend_bias(item_copy, features[i], gradient * weights[i]);
    items_touched[features[i]] = 1;
  }
}

// Descends step · (score(u, bad) − score(u, good)).
void RankLane::descend_pair(int32_t user_row, int32_t good, int32_t bad, float step) {
  if (plain_) {
    const auto rows = [](Embeddings& table, int32_t row) {
      return RankKernels::Rows{table.values.row(row), table.squares.row(row)};
    };
    rank_kernels().descend_pair(rows(users_.own, user_row), rows(items_.own, good), rows(items_.own, bad), step,
                                parameters_.learning_rate, width_);
    descend_bias(items_.own, good, -step);
    descend_bias(items_.own, bad, step);
    return;
  }
  float unused = 0;
  if (const float* x = user(user_row); x != user_.data())
    std::memcpy(user_.data(), x, sizeof(float) * width_);
  std::memcpy(difference_.data(), item(bad, bad_.data(), unused), sizeof(float) * width_);
  rank_kernels().add(difference_.data(), item(good, good_.data(), unused), -1, width_);
  descend_user(user_row, difference_.data(), step);
  descend_item(good, user_.data(), -step);
  descend_item(bad, user_.data(), step);
}

// Descends a loss whose derivative by score(u, i) is `gradient`.
void RankLane::descend_one(int32_t user_row, int32_t item_row, float gradient) {
  float unused = 0;
  std::memcpy(difference_.data(), user(user_row), sizeof(float) * width_);
  std::memcpy(good_.data(), item(item_row, bad_.data(), unused), sizeof(float) * width_);
  descend_user(user_row, good_.data(), gradient);
  descend_item(item_row, difference_.data(), gradient);
}

void RankLane::warp(const RankExample& example, std::span<const int32_t> pool, Random& random) {
  const float* x = user(example.user);
  float bias = 0;
  const float* y = item(example.item, good_.data(), bias);
  const float wanted = kernels().dot(x, y, width_) + bias - 1;
  for (int done = 0; done < parameters_.max_sampled; done += kDraws) {
    int32_t drawn[kDraws];
    const float* rows[kDraws];
    float scores[kDraws], biases[kDraws];
    for (int k = 0; k < kDraws; ++k) {
      drawn[k] = pool[random.below(pool.size())];
      rows[k] = item(drawn[k], bad_.data() + static_cast<size_t>(k) * width_, biases[k]);
    }
    rank_kernels().dots(rows, x, width_, scores);
    for (int k = 0; k < kDraws && done + k < parameters_.max_sampled; ++k) {
      if (scores[k] + biases[k] <= wanted || positives_.contain(example.user, drawn[k]))
        continue;
      const float step = std::min(kMostLoss, example.weight * steps_[done + k + 1]);
      loss += step;
      ++losses;
      if (step > 0)
        descend_pair(example.user, example.item, drawn[k], step);
      return;
    }
  }
}

void RankLane::bpr(const RankExample& example, std::span<const RankExample> bucket, Random& random) {
  const int32_t drawn = bucket[random.below(bucket.size())].item;
  if (positives_.contain(example.user, drawn))
    return;
  const float* x = user(example.user);
  float good_bias = 0, bad_bias = 0;
  const float good = kernels().dot(x, item(example.item, good_.data(), good_bias), width_);
  const float bad = kernels().dot(x, item(drawn, bad_.data(), bad_bias), width_);
  const float difference = good + good_bias - bad - bad_bias;
  loss += std::log1p(std::exp(-std::clamp(difference, -30.0f, 30.0f)));
  ++losses;
  descend_pair(example.user, example.item, drawn, example.weight * sigmoid(-difference));
}

void RankLane::logistic(const RankExample& example, std::span<const int32_t> pool, Random& random) {
  const auto step = [&](int32_t row, float target) {
    const float* x = user(example.user);
    float bias = 0;
    const float score = kernels().dot(x, item(row, good_.data(), bias), width_) + bias;
    loss += std::log1p(std::exp(std::clamp(target > 0 ? -score : score, -30.0f, 30.0f)));
    ++losses;
    descend_one(example.user, row, example.weight * (sigmoid(score) - target));
  };
  step(example.item, 1);
  const int32_t drawn = pool[random.below(pool.size())];
  if (!positives_.contain(example.user, drawn))
    step(drawn, 0);
}

void RankLane::learn(std::span<const RankExample> examples, std::span<const RankExample> bucket,
                     std::span<const int32_t> pool, Random& random) {
  for (const RankExample& example : examples) {
    switch (parameters_.loss) {
      case HybridParameters::Loss::kWarp: warp(example, pool, random); break;
      case HybridParameters::Loss::kBpr: bpr(example, bucket, random); break;
      case HybridParameters::Loss::kLogistic: logistic(example, pool, random); break;
    }
  }
}

}  // namespace penstock
