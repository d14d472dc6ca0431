#include "models/als_start.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "models/als_half_step.h"
#include "models/dense.h"
#include "models/packed_kernels.h"

namespace penstock {
namespace {

constexpr int kRounds = 3;
constexpr float kDegreePower = -0.25f;

// A row's own stream, so that the numbers do not depend on who draws first.
Random row_random(uint64_t seed, int64_t row) {
  return Random(splitmix64(seed) + splitmix64(static_cast<uint64_t>(row)));
}

std::vector<float> degree_scales(const AlsSide& side) {
  std::vector<float> scales(side.matrix.rows);
  for (int32_t row = 0; row < side.matrix.rows; ++row)
    scales[row] = std::pow(static_cast<float>(std::max<int64_t>(1, side.entries(row))), kDegreePower);
  return scales;
}

// out = diag(row scales) T diag(column scales) in, T the targets of the entries.
struct Product {
  const AlsSide& side;
  const float* targets;  // null: 1 each
  const std::vector<float>& row_scales;
  const std::vector<float>& column_scales;
  AlignedFloats& memory;

  void operator()(const Factors& in, Factors& out, Workers& workers) const {
    const uint32_t* packed = pack(in, column_scales.data(), memory, workers);
    workers.run(static_cast<int64_t>(side.runs.size()) - 1, [&](int64_t run, int) {
      for (int32_t row = side.runs[run]; row < side.runs[run + 1]; ++row) {
        packed_kernels().gather(packed, in.width, side.indices(row),
                                targets == nullptr ? nullptr : targets + side.matrix.pointers[row], side.entries(row),
                                row_scales[row], out.row(row));
      }
    });
  }
};

void orthonormalise(Factors& factors, Workers& workers) {
  const AlignedFloats gram = gramian(factors, workers);
  rotate(factors, whitening(gram.data(), factors.factors, factors.width), workers);
}

std::vector<float> targets_of(const AlsSide& side, float unobserved_weight) {
  std::vector<float> targets;
  if (side.confidence == nullptr)
    return targets;
  targets.resize(side.matrix.indices.size());
  std::transform(side.confidence, side.confidence + targets.size(), targets.begin(),
                 [&](float c) { return c / (c + unobserved_weight); });
  return targets;
}

// Columns of the basis scaled by s^power, none where s vanishes.
AlignedFloats scaled_basis(const SymmetricEigen& eigen, int width, float power, float factor) {
  AlignedFloats out(eigen.vectors.size());
  const float least = 1e-10f * eigen.values[0];
  for (int j = 0; j < width; ++j) {
    const float value = eigen.values[j];
    const float scale = value > least ? factor * std::pow(value, power) : 0;
    for (int i = 0; i < width; ++i)
      out[static_cast<size_t>(i) * width + j] = eigen.vectors[static_cast<size_t>(i) * width + j] * scale;
  }
  return out;
}

void divide_rows(Factors& factors, const std::vector<float>& scales) {
  for (int64_t row = 0; row < factors.rows; ++row) {
    for (int j = 0; j < factors.width; ++j)
      factors.row(row)[j] /= scales[row];
  }
}

}  // namespace

void start_at_noise(Factors& users, Factors& items, uint64_t seed) {
  const double deviation = 0.1 / std::sqrt(static_cast<double>(users.factors));
  for (Factors* factors : {&users, &items}) {
    for (int64_t row = 0; row < factors->rows; ++row) {
      Random random = row_random(factors == &users ? seed : ~seed, row);
      for (int j = 0; j < factors->factors; ++j)
        factors->row(row)[j] = static_cast<float>(deviation * random.normal());
    }
  }
}

void start_at_svd(const AlsSide& user_side, const AlsSide& item_side, float unobserved_weight, Factors& users,
                  Factors& items, uint64_t seed, Workers& workers, AlignedFloats& memory) {
  for (int64_t row = 0; row < items.rows; ++row) {
    Random random = row_random(seed, row);
    for (int j = 0; j < items.factors; ++j)
      items.row(row)[j] = static_cast<float>(2 * random.uniform() - 1);
  }
  const std::vector<float> user_scales = degree_scales(user_side), item_scales = degree_scales(item_side);
  const std::vector<float> user_targets = targets_of(user_side, unobserved_weight);
  const std::vector<float> item_targets = targets_of(item_side, unobserved_weight);
  const auto pointer = [](const std::vector<float>& targets) { return targets.empty() ? nullptr : targets.data(); };
  const Product to_users{user_side, pointer(user_targets), user_scales, item_scales, memory};
  const Product to_items{item_side, pointer(item_targets), item_scales, user_scales, memory};
  for (int round = 0; round < kRounds; ++round) {
    to_users(items, users, workers);
    orthonormalise(users, workers);
    to_items(users, items, workers);
    if (round + 1 < kRounds)
      orthonormalise(items, workers);
  }
  // Now T ≈ X Yᵀ with orthonormal X; YᵀY = V S² Vᵀ, so X V √S and Y V / √S share the singular values S evenly.
  const AlignedFloats gram = gramian(items, workers);
  const SymmetricEigen eigen = symmetric_eigen(gram.data(), items.factors, items.width);
  // Targets of binary data are all 1 / (1 + α0), left out above.
  const float common = user_targets.empty() ? std::sqrt(1 / (1 + unobserved_weight)) : 1;
  rotate(users, scaled_basis(eigen, users.width, 0.25f, common), workers);
  rotate(items, scaled_basis(eigen, items.width, -0.25f, common), workers);
  divide_rows(users, user_scales);
  divide_rows(items, item_scales);
}

}  // namespace penstock
