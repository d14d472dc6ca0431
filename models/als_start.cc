#include "models/als_start.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/random.h"
#include "models/als_half_step.h"
#include "models/dense.h"
#include "models/packed_kernels.h"
#include "models/partition.h"

namespace penstock {
namespace {

constexpr int kRounds = 3;
constexpr float kLeast = 0.05f;  // of a singular value that stays: a direction without any would never come back
// Measured: of −0.35 to −0.05 what leaves the lowest objective after the first iterations.
constexpr float kDegreePower = -0.15f;

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

// Columns of the basis scaled by s^power · √(1 − s_last / s), none where s vanishes: regularisation takes the same off
// every singular value, and what the last one has is mostly noise.
AlignedFloats scaled_basis(const SymmetricEigen& eigen, int size, int width, float power) {
  AlignedFloats out(eigen.vectors.size());
  const float least = 1e-10f * eigen.values[0];
  const float last = std::sqrt(eigen.values[size - 1]);
  for (int j = 0; j < size; ++j) {
    const float s = std::sqrt(eigen.values[j]);
    const float scale = eigen.values[j] > least ? std::pow(s, power) * std::sqrt(std::max(kLeast, 1 - last / s)) : 0;
    for (int i = 0; i < width; ++i)
      out[static_cast<size_t>(i) * width + j] = eigen.vectors[static_cast<size_t>(i) * width + j] * scale;
  }
  return out;
}

void multiply_rows(Factors& factors, const std::vector<float>& scales, float factor, Workers& workers) {
  const int64_t parts = reduction_parts(factors.rows);
  workers.run(parts, [&](int64_t part, int) {
    for (int64_t row = part_begin(factors.rows, parts, part); row < part_begin(factors.rows, parts, part + 1); ++row) {
      const float scale = factor / scales[row];
      for (int j = 0; j < factors.width; ++j)
        factors.row(row)[j] *= scale;
    }
  });
}

double norm(const Factors& factors, const AlsSide& side, int64_t begin, int64_t end) {
  double sum = 0;
  for (int64_t row = begin; row < end; ++row)
    sum += static_cast<double>(side.lambda[row]) * kernels().dot(factors.row(row), factors.row(row), factors.width);
  return sum;
}

// The g for which g·X and Y have the lowest objective, judged by some of the users:
//   g = (sum of c s − ½ (sum of λ_u |x_u|² + sum of λ_i |y_i|²)) / (sum of c s² + α0 · sum over all items of s²),  s = x·y
float best_scale(const AlsSide& user_side, const AlsSide& item_side, float unobserved_weight, const Factors& users,
                 const Factors& items, Workers& workers, AlignedFloats& memory) {
  constexpr int64_t kRuns = 8;
  struct Sums {
    double confidence = 0, residual = 0, squares = 0, all_items = 0, norms = 0;  // residual: of c (1 − s)²
  };
  const AlignedFloats of_items = gramian(items, workers);
  const uint32_t* packed = pack(items, nullptr, memory, workers);
  const int64_t runs = static_cast<int64_t>(user_side.runs.size()) - 1;
  const int64_t taken = std::min(runs, kRuns);
  std::vector<Sums> sums(taken);
  workers.run(taken, [&](int64_t part, int) {
    const int64_t run = part_begin(runs, taken, part);
    const int32_t begin = user_side.runs[run], end = user_side.runs[run + 1];
    AlignedFloats unused(users.width), gram(of_items.size());
    for (int32_t user = begin; user < end; ++user) {
      const auto product = [&](auto kernel, auto... more) {
        return kernel(packed, users.width, user_side.indices(user), user_side.confidences(user),
                      user_side.entries(user), users.row(user), more...);
      };
      sums[part].residual += product(packed_kernels().accumulate(users.width), 1.0f, -1.0f, unused.data());
      sums[part].squares += product(packed_kernels().squares(users.width));
      sums[part].confidence += user_side.weight[user];
    }
    sums[part].norms = norm(users, user_side, begin, end);
    kernels().gramian(users.row(begin), end - begin, users.width, gram.data());
    for (int i = 0; i < users.width; ++i) {
      for (int j = 0; j <= i; ++j)
        sums[part].all_items += (i == j ? 1.0 : 2.0) * gram[static_cast<size_t>(i) * users.width + j] *
                                of_items[static_cast<size_t>(i) * users.width + j];
    }
  });
  Sums total;
  for (const Sums& part : sums) {
    total.confidence += part.confidence;
    total.residual += part.residual;
    total.squares += part.squares;
    total.all_items += part.all_items;
    total.norms += part.norms;
  }
  const double everybody = std::accumulate(user_side.weight.begin(), user_side.weight.end(), 0.0);
  total.norms += norm(items, item_side, 0, items.rows) * total.confidence / everybody;
  const double linear = (total.confidence - total.residual + total.squares) / 2;  // sum of c s
  const double g = (linear - total.norms / 2) / (total.squares + unobserved_weight * total.all_items);
  return g > 0 ? static_cast<float>(std::clamp(g, 0.1, 10.0)) : 1.0f;
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
  rotate(users, scaled_basis(eigen, users.factors, users.width, 0.5f), workers);
  rotate(items, scaled_basis(eigen, items.factors, items.width, -0.5f), workers);
  multiply_rows(users, user_scales, 1, workers);
  multiply_rows(items, item_scales, 1, workers);
  const float scale = std::sqrt(best_scale(user_side, item_side, unobserved_weight, users, items, workers, memory));
  const std::vector<float> all_users(users.rows, 1.0f), all_items(items.rows, 1.0f);
  multiply_rows(users, all_users, scale, workers);
  multiply_rows(items, all_items, scale, workers);
}

}  // namespace penstock
