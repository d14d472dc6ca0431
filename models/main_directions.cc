#include "models/main_directions.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace penstock {
namespace {

constexpr int64_t kSample = 20000;
constexpr int kRounds = 12;

using Rows = std::vector<std::vector<double>>;

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t j = 0; j < a.size(); ++j)
    sum += a[j] * b[j];
  return sum;
}

// Gram and Schmidt, twice for the sake of rounding. A row that depends on those before it gives way to a coordinate.
void make_orthonormal(Rows& rows) {
  size_t next_coordinate = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double before = std::sqrt(product(rows[i], rows[i]));
    for (int round = 0; round < 2; ++round) {
      for (size_t k = 0; k < i; ++k) {
        const double share = product(rows[i], rows[k]);
        for (size_t j = 0; j < rows[i].size(); ++j)
          rows[i][j] -= share * rows[k][j];
      }
    }
    const double length = std::sqrt(product(rows[i], rows[i]));
    if (!(length > 1e-6 * before)) {
      std::fill(rows[i].begin(), rows[i].end(), 0.0);
      rows[i][next_coordinate++] = 1;
      --i;
      continue;
    }
    for (double& value : rows[i])
      value /= length;
  }
}

AlignedFloats sampled_gramian(const Factors& rows) {
  constexpr int64_t kChunk = 128;
  const int width = rows.width;
  AlignedFloats gram(static_cast<size_t>(width) * width), chunk(kChunk * width);
  const int64_t step = std::max<int64_t>(1, rows.rows / kSample);
  int64_t taken = 0;
  for (int64_t row = 0; row < rows.rows; row += step) {
    std::copy(rows.row(row), rows.row(row) + width, chunk.data() + taken++ * width);
    if (taken == kChunk || row + step >= rows.rows) {
      kernels().gramian(chunk.data(), taken, width, gram.data());
      taken = 0;
    }
  }
  return gram;
}

}  // namespace

Factors main_directions(const Factors& rows, int count) {
  const int width = rows.width;
  count = std::min(count, width);
  const AlignedFloats gram = sampled_gramian(rows);
  const auto cell = [&](int i, int j) {  // the lower triangle is filled
    return static_cast<double>(gram[static_cast<size_t>(std::max(i, j)) * width + std::min(i, j)]);
  };

  Rows directions(count, std::vector<double>(width));
  for (int k = 0; k < count; ++k)
    directions[k][k] = 1;
  for (int round = 0; round < kRounds; ++round) {
    Rows next(count, std::vector<double>(width));
    for (int i = 0; i < width; ++i) {
      for (int j = 0; j < width; ++j) {
        const double value = cell(i, j);
        for (int k = 0; k < count; ++k)
          next[k][i] += value * directions[k][j];
      }
    }
    make_orthonormal(next);
    double kept = 0;  // how much of the space stays, at most 1
    for (int k = 0; k < count; ++k) {
      for (int l = 0; l < count; ++l)
        kept += product(next[k], directions[l]) * product(next[k], directions[l]) / count;
    }
    directions = std::move(next);
    if (kept > 0.999)
      break;
  }

  Factors out(count, rows.factors);
  for (int k = 0; k < count; ++k) {
    for (int j = 0; j < width; ++j)
      out.row(k)[j] = static_cast<float>(directions[k][j]);
  }
  return out;
}

}  // namespace penstock
