#include "models/fold_in.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "models/als_problem.h"
#include "models/dense.h"

namespace penstock {
namespace {

// The residual shrinks to this, squared and in the preconditioner's norm; measured to leave a tenth of the allowed
// error.
constexpr float kTolerance = 1e-12f;
// Far beyond what was ever needed; then the dense solution takes over.
constexpr int kMostSteps = 64;
constexpr int kMaxWidth = 1024;

struct Entries {
  std::vector<int32_t> items;
  std::vector<float> confidences;
  std::vector<float> targets;  // times the confidence
};

void solve_dense(const FoldIn& problem, const Entries& entries, float lambda, float* x) {
  const int size = problem.items.factors;
  std::vector<double> matrix(static_cast<size_t>(size) * size), b(size);
  for (int i = 0; i < size; ++i)
    matrix[static_cast<size_t>(i) * size + i] = static_cast<double>(problem.d[i]) + lambda;
  for (size_t entry = 0; entry < entries.items.size(); ++entry) {
    const float* y = problem.items.row(entries.items[entry]);
    const double c = entries.confidences[entry];
    for (int i = 0; i < size; ++i) {
      b[i] += static_cast<double>(entries.targets[entry]) * y[i];
      for (int j = 0; j < size; ++j)
        matrix[static_cast<size_t>(i) * size + j] += c * y[i] * y[j];
    }
  }
  const std::vector<double> solution = cholesky_solve(matrix, b);
  std::copy(solution.begin(), solution.end(), x);
}

}  // namespace

void FoldIn::solve(std::span<const ItemWeight> history, float* x) const {
  const int width = items.width;
  std::memset(x, 0, sizeof(float) * width);
  Entries entries;
  entries.items.reserve(history.size());
  entries.confidences.reserve(history.size());
  entries.targets.reserve(history.size());
  for (const ItemWeight& seen : history) {
    if (seen.item >= 0 && seen.item < items.rows && seen.weight > 0) {
      entries.items.push_back(seen.item);
      entries.targets.push_back(als_confidence(seen.weight));
      entries.confidences.push_back(unobserved_weight == 0 ? 1 : entries.targets.back());
    }
  }
  const auto count = static_cast<int64_t>(entries.items.size());
  if (count == 0)
    return;
  AlsParameters parameters;
  parameters.unobserved_weight = unobserved_weight;
  parameters.regularization = regularization;
  parameters.frequency_exponent = frequency_exponent;
  const float lambda = als_lambda(parameters, count, trained_items);

  alignas(64) float r[kMaxWidth], p[kMaxWidth], q[kMaxWidth], squares[kMaxWidth];
  std::memset(r, 0, sizeof(float) * width);
  std::memset(squares, 0, sizeof(float) * width);
  const Kernels& kernel = kernels();
  kernel.gather_squares(items.values.data(), width, entries.items.data(), entries.confidences.data(), count, r,
                        squares);
  const Kernels::Accumulate accumulate = kernel.accumulate(width);
  if (unobserved_weight == 0) {
    std::memset(r, 0, sizeof(float) * width);
    accumulate(items.values.data(), width, entries.items.data(), entries.targets.data(), count, x, 1, 0, r);
  }
  const Kernels::Row row{width, d.data(), squares, lambda, 1, x, r, p, q};
  float rz = kernel.pcg_begin(row).rz;
  const float enough = rz * kTolerance;
  for (int step = 0; rz > enough; ++step) {
    if (step == kMostSteps) {
      solve_dense(*this, entries, lambda, x);
      return;
    }
    accumulate(items.values.data(), width, entries.items.data(), entries.confidences.data(), count, p, 0, 1, q);
    rz = kernel.pcg_step(row, rz).rz;
  }
}

}  // namespace penstock
