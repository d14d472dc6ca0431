#include "models/als_half_step.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "models/dense.h"
#include "models/packed_kernels.h"
#include "models/partition.h"

namespace penstock {
namespace {

// Rows handed to a kernel at once, so that they stay in the cache while it passes over them several times.
constexpr int64_t kBlockRows = 128;

int64_t longest_run(const std::vector<int32_t>& runs) {
  int64_t longest = 0;
  for (size_t run = 0; run + 1 < runs.size(); ++run)
    longest = std::max<int64_t>(longest, runs[run + 1] - runs[run]);
  return longest;
}

uint32_t* packed_room(const Factors& factors, AlignedFloats& room) {
  const size_t words = static_cast<size_t>(factors.rows) * packed_width(factors.width);
  if (room.size() < words)
    room = AlignedFloats(words);
  return reinterpret_cast<uint32_t*>(room.data());
}

// What a half-step knows of its fixed side once it is in the basis of its Gramian.
struct FixedSide {
  AlignedFloats d;  // α0 times the eigenvalues
  AlignedFloats m;  // mean of y_i² over all entries, weighted by their confidence
  const uint32_t* packed;
  double norms;  // sum of λ_i |y_i|²
};

// One pass over the fixed rows rotates and packs them and sums what is asked of them.
FixedSide rotate_and_sum(const HalfStep& half, const AlignedFloats& basis, AlignedFloats eigenvalues) {
  Factors& fixed = half.fixed;
  const int width = fixed.width;
  const int64_t parts = reduction_parts(fixed.rows);
  AlignedFloats sums(static_cast<size_t>(parts) * width);
  std::vector<double> norms(parts);
  uint32_t* packed = packed_room(fixed, half.memory.packed);
  half.workers.run(parts, [&](int64_t part, int) {
    const int64_t end = part_begin(fixed.rows, parts, part + 1);
    for (int64_t row = part_begin(fixed.rows, parts, part); row < end;) {
      const int64_t stop = std::min(row + kBlockRows, end);
      kernels().rotate(fixed.row(row), stop - row, width, basis.data());
      packed_kernels().pack(fixed.row(row), stop - row, width, nullptr, packed + row * packed_width(width));
      for (; row < stop; ++row) {
        const float* y = fixed.row(row);
        kernels().add_squares(y, width, half.fixed_side.weight[row], sums.data() + part * width);
        norms[part] += static_cast<double>(half.fixed_side.lambda[row]) * kernels().dot(y, y, width);
      }
    }
  });
  double weight = 0;
  for (const float of_row : half.fixed_side.weight)
    weight += of_row;
  FixedSide out{std::move(eigenvalues), AlignedFloats(width), packed, std::accumulate(norms.begin(), norms.end(), 0.0)};
  for (int j = 0; j < width; ++j) {
    out.d[j] *= half.unobserved_weight;
    float sum = 0;
    for (int64_t part = 0; part < parts; ++part)
      sum += sums[part * width + j];
    out.m[j] = weight > 0 ? sum / static_cast<float>(weight) : 0;
  }
  return out;
}

// All steps for the rows of one run.
class Run {
 public:
  Run(const HalfStep& half, const FixedSide& fixed, int32_t begin, int32_t end, HalfStepMemory::Scratch& scratch)
      : half_(half), fixed_(fixed), begin_(begin), end_(end), scratch_(scratch), width_(half.solved.width) {}

  HalfStepResult solve(int steps) {
    HalfStepResult result{find_residuals(), 0};
    for (int32_t row = begin_; row < end_; ++row) {
      const Kernels::Begin begin = kernels().pcg_begin(equations(row));
      scratch_.rz[row - begin_] = begin.rz;
      result.objective += begin.quadratic;
    }
    for (int step = 1; step < steps; ++step) {
      // q += sum of c (p·y) y
      (void)add_data_part(scratch_.directions.data(), scratch_.products.data(), 0, 1);
      for (int32_t row = begin_; row < end_; ++row) {
        float& rz = scratch_.rz[row - begin_];
        const Kernels::Step taken = kernels().pcg_step(equations(row), rz);
        result.gain += taken.gain;
        rz = taken.rz;
      }
    }
    find_curvature();
    for (int32_t row = begin_; row < end_; ++row)
      result.gain += kernels().pcg_last(equations(row), scratch_.rz[row - begin_], scratch_.curvature[row - begin_]);
    return result;
  }

 private:
  Kernels::Row equations(int32_t row) const {
    const int64_t place = static_cast<int64_t>(row - begin_) * width_;
    return {width_,
            fixed_.d.data(),
            fixed_.m.data(),
            half_.solved_side.lambda[row],
            half_.solved_side.weight[row],
            half_.solved.row(row),
            scratch_.residuals.data() + place,
            scratch_.directions.data() + place,
            scratch_.products.data() + place};
  }

  // Tile by tile, so that the tile's factors are in the cache for all rows of the run: visit(row, its indices and
  // confidences in the tile, how many).
  template <class Visit>
  void for_each_tile(const Visit& visit) const {
    const AlsSide& side = half_.solved_side;
    for (int tile = 0; tile < side.tiles; ++tile) {
      for (int32_t row = begin_; row < end_; ++row) {
        const int32_t* ends = side.tile_ends(row);
        const int32_t from = tile == 0 ? 0 : ends[tile - 1];
        if (from == ends[tile])
          continue;
        const float* confidences = side.confidences(row);
        visit(row - begin_, side.indices(row) + from, confidences == nullptr ? nullptr : confidences + from,
              ends[tile] - from);
      }
    }
  }

  // r = sum of c (t − x·y) y for targets t, or 1; returns the sum of c (t − x·y)².
  double find_residuals() {
    const AlsSide& side = half_.solved_side;
    float* residuals = scratch_.residuals.data();
    if (side.target == nullptr) {
      std::memset(residuals, 0, sizeof(float) * (end_ - begin_) * width_);
      return add_data_part(half_.solved.row(begin_), residuals, 1, -1);
    }
    double squares = 0;
    for (int32_t row = begin_; row < end_; ++row) {
      float* r = residuals + static_cast<int64_t>(row - begin_) * width_;
      packed_kernels().gather(fixed_.packed, width_, side.indices(row), side.targets(row), side.entries(row), 1, r);
      squares += side.target_squares[row] - 2.0 * kernels().dot(half_.solved.row(row), r, width_);
    }
    return squares + add_data_part(half_.solved.row(begin_), residuals, 0, -1);
  }

  // out += sum of c t y with t = offset + slope · x·y; returns the sum of c t².
  double add_data_part(const float* x, float* out, float offset, float slope) const {
    const PackedKernels::Accumulate accumulate = packed_kernels().accumulate(width_);
    double squares = 0;
    for_each_tile([&](int64_t row, const int32_t* indices, const float* confidences, int64_t entries) {
      squares += accumulate(fixed_.packed, width_, indices, confidences, entries, x + row * width_, offset, slope,
                            out + row * width_);
    });
    return squares;
  }

  // Of each row: sum of c (p·y)².
  void find_curvature() {
    const PackedKernels::Squares squares = packed_kernels().squares(width_);
    std::fill(scratch_.curvature.begin(), scratch_.curvature.end(), 0.0f);
    for_each_tile([&](int64_t row, const int32_t* indices, const float* confidences, int64_t entries) {
      scratch_.curvature[row] +=
          squares(fixed_.packed, width_, indices, confidences, entries, scratch_.directions.data() + row * width_);
    });
  }

  const HalfStep& half_;
  const FixedSide& fixed_;
  const int32_t begin_;
  const int32_t end_;
  HalfStepMemory::Scratch& scratch_;
  const int width_;
};

void make_room(const HalfStep& half) {
  const int64_t rows = longest_run(half.solved_side.runs);
  const auto cells = static_cast<size_t>(rows) * half.solved.width;
  half.memory.scratch.resize(half.workers.size());
  for (HalfStepMemory::Scratch& scratch : half.memory.scratch) {
    if (scratch.residuals.size() < cells)
      scratch = {AlignedFloats(cells), AlignedFloats(cells), AlignedFloats(cells), {}, {}};
    scratch.rz.resize(rows);
    scratch.curvature.resize(rows);
  }
}

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

const uint32_t* pack(const Factors& factors, const float* scales, AlignedFloats& out, Workers& workers) {
  uint32_t* packed = packed_room(factors, out);
  workers.run((factors.rows + kBlockRows - 1) / kBlockRows, [&](int64_t block, int) {
    const int64_t row = block * kBlockRows;
    packed_kernels().pack(factors.row(row), std::min(kBlockRows, factors.rows - row), factors.width,
                          scales == nullptr ? nullptr : scales + row, packed + row * packed_width(factors.width));
  });
  return packed;
}

HalfStepResult half_step_fast(const HalfStep& half, int steps) {
  const AlignedFloats gram = gramian(half.fixed, half.workers);
  SymmetricEigen eigen = symmetric_eigen(gram.data(), half.fixed.factors, half.fixed.width);
  const AlignedFloats basis = std::move(eigen.vectors);
  const FixedSide fixed = rotate_and_sum(half, basis, std::move(eigen.values));
  make_room(half);
  const std::vector<int32_t>& runs = half.solved_side.runs;
  std::vector<HalfStepResult> results(runs.size() - 1);
  half.workers.run(static_cast<int64_t>(results.size()), [&](int64_t run, int worker) {
    kernels().rotate(half.solved.row(runs[run]), runs[run + 1] - runs[run], half.solved.width, basis.data());
    results[run] = Run(half, fixed, runs[run], runs[run + 1], half.memory.scratch[worker]).solve(steps);
  });
  HalfStepResult total{fixed.norms, 0};
  for (const HalfStepResult& of_run : results) {
    total.objective += of_run.objective;
    total.gain += of_run.gain;
  }
  return total;
}

}  // namespace penstock
