#include "models/als_half_step.h"

#include <algorithm>
#include <cstring>

#include "models/dense.h"
#include "models/partition.h"

namespace penstock {
namespace {

// Rows handed to a kernel at once, so that they stay in the cache while it passes over them several times.
constexpr int64_t kBlockRows = 128;

// What one thread needs for the rows of one run.
struct Scratch {
  AlignedFloats residuals, directions, products;  // rows × width
  std::vector<float> rz;
};

int64_t longest_run(const std::vector<int32_t>& runs) {
  int64_t longest = 0;
  for (size_t run = 0; run + 1 < runs.size(); ++run)
    longest = std::max<int64_t>(longest, runs[run + 1] - runs[run]);
  return longest;
}

// Mean of y_i² over all entries, weighted by their confidence: m in the preconditioner. Rotates the fixed rows as well,
// because both pass over them once.
AlignedFloats rotate_and_mean_square(const HalfStep& half, const AlignedFloats& basis) {
  Factors& fixed = half.fixed;
  const int width = fixed.width;
  const int64_t parts = reduction_parts(fixed.rows);
  AlignedFloats sums(static_cast<size_t>(parts) * width);
  half.workers.run(parts, [&](int64_t part, int) {
    const int64_t end = part_begin(fixed.rows, parts, part + 1);
    for (int64_t row = part_begin(fixed.rows, parts, part); row < end;) {
      const int64_t stop = std::min(row + kBlockRows, end);
      kernels().rotate(fixed.row(row), stop - row, width, basis.data());
      for (; row < stop; ++row)
        kernels().add_squares(fixed.row(row), width, half.fixed_side.weight[row], sums.data() + part * width);
    }
  });
  double weight = 0;
  for (const float of_row : half.fixed_side.weight)
    weight += of_row;
  AlignedFloats mean(width);
  for (int j = 0; j < width; ++j) {
    float sum = 0;
    for (int64_t part = 0; part < parts; ++part)
      sum += sums[part * width + j];
    mean[j] = weight > 0 ? sum / static_cast<float>(weight) : 0;
  }
  return mean;
}

// All steps for the rows of one run; returns by how much their part of the objective fell.
class Run {
 public:
  Run(const HalfStep& half, const AlignedFloats& d, const AlignedFloats& m, int32_t begin, int32_t end,
      Scratch& scratch)
      : half_(half), d_(d), m_(m), begin_(begin), end_(end), scratch_(scratch), width_(half.solved.width) {}

  double solve(int steps) {
    std::memset(scratch_.residuals.data(), 0, sizeof(float) * (end_ - begin_) * width_);
    // r = sum of c (1 − x·y) y
    add_data_part(half_.solved.row(begin_), scratch_.residuals.data(), 1, -1);
    for (int32_t row = begin_; row < end_; ++row)
      scratch_.rz[row - begin_] = kernels().pcg_begin(equations(row));
    double gain = 0;
    for (int step = 1; step <= steps; ++step) {
      // q += sum of c (p·y) y
      add_data_part(scratch_.directions.data(), scratch_.products.data(), 0, 1);
      for (int32_t row = begin_; row < end_; ++row) {
        float& rz = scratch_.rz[row - begin_];
        const Kernels::Step taken = kernels().pcg_step(equations(row), rz, step == steps);
        gain += taken.gain;
        rz = taken.rz;
      }
    }
    return gain;
  }

 private:
  Kernels::Row equations(int32_t row) const {
    const int64_t place = static_cast<int64_t>(row - begin_) * width_;
    return {width_,
            d_.data(),
            m_.data(),
            half_.solved_side.lambda[row],
            half_.solved_side.weight[row],
            half_.solved.row(row),
            scratch_.residuals.data() + place,
            scratch_.directions.data() + place,
            scratch_.products.data() + place};
  }

  // Tile by tile, so that the tile's factors are in the cache for all rows of the run.
  void add_data_part(const float* x, float* out, float offset, float slope) const {
    const AlsSide& side = half_.solved_side;
    const Kernels::Accumulate accumulate = kernels().accumulate(width_);
    for (int tile = 0; tile < side.tiles; ++tile) {
      for (int32_t row = begin_; row < end_; ++row) {
        const int32_t* ends = side.tile_ends(row);
        const int32_t from = tile == 0 ? 0 : ends[tile - 1];
        if (from == ends[tile])
          continue;
        const float* confidences = side.confidences(row);
        const int64_t place = static_cast<int64_t>(row - begin_) * width_;
        accumulate(half_.fixed.values.data(), width_, side.indices(row) + from,
                   confidences == nullptr ? nullptr : confidences + from, ends[tile] - from, x + place, offset, slope,
                   out + place);
      }
    }
  }

  const HalfStep& half_;
  const AlignedFloats& d_;
  const AlignedFloats& m_;
  const int32_t begin_;
  const int32_t end_;
  Scratch& scratch_;
  const int width_;
};

}  // namespace

AlignedFloats gramian(const Factors& factors, Workers& workers) {
  const int width = factors.width;
  const size_t cells = static_cast<size_t>(width) * width;
  const int64_t parts = reduction_parts(factors.rows);
  AlignedFloats sums(cells * parts);
  workers.run(parts, [&](int64_t part, int) {
    const int64_t end = part_begin(factors.rows, parts, part + 1);
    for (int64_t row = part_begin(factors.rows, parts, part); row < end; row += kBlockRows)
      kernels().gramian(factors.row(row), std::min(kBlockRows, end - row), width, sums.data() + cells * part);
  });
  AlignedFloats out(cells);
  for (int i = 0; i < width; ++i) {
    for (int j = 0; j <= i; ++j) {
      float sum = 0;
      for (int64_t part = 0; part < parts; ++part)
        sum += sums[cells * part + static_cast<size_t>(i) * width + j];
      out[static_cast<size_t>(i) * width + j] = sum;
      out[static_cast<size_t>(j) * width + i] = sum;
    }
  }
  return out;
}

void rotate(Factors& factors, const AlignedFloats& matrix, Workers& workers) {
  workers.run((factors.rows + kBlockRows - 1) / kBlockRows, [&](int64_t block, int) {
    const int64_t row = block * kBlockRows;
    kernels().rotate(factors.row(row), std::min(kBlockRows, factors.rows - row), factors.width, matrix.data());
  });
}

double half_step_fast(const HalfStep& half, int steps) {
  const AlignedFloats gram = gramian(half.fixed, half.workers);
  SymmetricEigen eigen = symmetric_eigen(gram.data(), half.fixed.factors, half.fixed.width);
  const AlignedFloats m = rotate_and_mean_square(half, eigen.vectors);
  AlignedFloats& d = eigen.values;
  for (size_t j = 0; j < d.size(); ++j)
    d[j] *= half.unobserved_weight;

  const std::vector<int32_t>& runs = half.solved_side.runs;
  const int64_t rows = longest_run(runs);
  std::vector<Scratch> scratch(half.workers.size());
  for (Scratch& of_worker : scratch) {
    const auto cells = static_cast<size_t>(rows) * half.solved.width;
    of_worker = {AlignedFloats(cells), AlignedFloats(cells), AlignedFloats(cells), std::vector<float>(rows)};
  }
  std::vector<double> gains(runs.size() - 1);
  half.workers.run(static_cast<int64_t>(gains.size()), [&](int64_t run, int worker) {
    kernels().rotate(half.solved.row(runs[run]), runs[run + 1] - runs[run], half.solved.width, eigen.vectors.data());
    gains[run] = Run(half, d, m, runs[run], runs[run + 1], scratch[worker]).solve(steps);
  });
  double gain = 0;
  for (const double of_run : gains)
    gain += of_run;
  return gain;
}

void half_step_exact(const HalfStep& half) {
  const int size = half.fixed.factors;
  const int width = half.fixed.width;
  const AlignedFloats gram = gramian(half.fixed, half.workers);
  const AlsSide& side = half.solved_side;
  half.workers.run(static_cast<int64_t>(side.runs.size()) - 1, [&](int64_t run, int) {
    std::vector<float> matrix(static_cast<size_t>(size) * size), b(size);
    for (int32_t row = side.runs[run]; row < side.runs[run + 1]; ++row) {
      // A = α0 YᵀY + λ + sum of c y yᵀ,  b = sum of c y
      for (int i = 0; i < size; ++i) {
        for (int j = 0; j < size; ++j)
          matrix[static_cast<size_t>(i) * size + j] = half.unobserved_weight * gram[static_cast<size_t>(i) * width + j];
        matrix[static_cast<size_t>(i) * size + i] += side.lambda[row];
      }
      std::fill(b.begin(), b.end(), 0.0f);
      for (int64_t entry = 0; entry < side.entries(row); ++entry) {
        const float* y = half.fixed.row(side.indices(row)[entry]);
        const float c = side.confidence == nullptr ? 1 : side.confidences(row)[entry];
        for (int i = 0; i < size; ++i) {
          b[i] += c * y[i];
          for (int j = 0; j < size; ++j)
            matrix[static_cast<size_t>(i) * size + j] += c * y[i] * y[j];
        }
      }
      cholesky_solve(matrix, b);
      std::copy(b.begin(), b.end(), half.solved.row(row));
    }
  });
}

}  // namespace penstock
