#include "models/spd_inverse.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>

namespace penstock {
namespace {

constexpr int64_t kBlock = 128;

template <class Number>
using Dense = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic>;
template <class Number>
using Blocks = Eigen::Map<Dense<Number>>;

// A_ij −= A_ik A_jkᵀ for all blocks i ≥ j > k, once A_ik = A_ik L_kk⁻ᵀ.
template <class Number>
bool factor(Blocks<Number>& a, Workers& workers, TrainingProgress& progress) {
  const int64_t n = a.rows(), blocks = (n + kBlock - 1) / kBlock;
  const auto size_of = [n](int64_t block) { return std::min(kBlock, n - block * kBlock); };
  for (int64_t k = 0; k < blocks && !progress.cancelled(); ++k) {
    const int64_t size = size_of(k), after = (k + 1) * kBlock, left = blocks - k - 1;
    Eigen::LLT<Dense<Number>> diagonal(a.block(k * kBlock, k * kBlock, size, size));
    if (diagonal.info() != Eigen::Success)
      return false;
    const Dense<Number> l = diagonal.matrixL();
    a.block(k * kBlock, k * kBlock, size, size).template triangularView<Eigen::Lower>() = l;
    workers.run(left, [&](int64_t task, int) {
      auto panel = a.block(after + task * kBlock, k * kBlock, size_of(k + 1 + task), size);
      l.template triangularView<Eigen::Lower>().transpose().template solveInPlace<Eigen::OnTheRight>(panel);
    });
    workers.run(left, [&](int64_t task, int) {
      const int64_t column = after + task * kBlock, width = size_of(k + 1 + task), height = n - column;
      const auto below = a.block(column, k * kBlock, height, size);
      const Dense<Number> product = below * a.block(column, k * kBlock, width, size).transpose();
      a.block(column, column, width, width).template triangularView<Eigen::Lower>() -= product.topRows(width);
      a.block(column + width, column, height - width, width) -= product.bottomRows(height - width);
    });
    progress.step(k + 1, 3 * blocks, "blocks factored");
  }
  return true;
}

}  // namespace

template <class Number>
Status invert(SymmetricMatrix<Number>& matrix, Workers& workers, TrainingProgress& progress) {
  const int64_t n = matrix.size, blocks = (n + kBlock - 1) / kBlock;
  Blocks<Number> a(matrix.cells.data(), n, n);
  if (!factor(a, workers, progress))
    return failed_precondition("the matrix is not positive definite in this precision");
  constexpr int64_t kRound = 8;  // blocks between two questions whether to go on
  for (int64_t begin = 0; begin < blocks && !progress.cancelled(); begin += kRound) {
    const int64_t end = std::min(blocks, begin + kRound);
    workers.run(end - begin, [&](int64_t task, int) {
      const int64_t first = (begin + task) * kBlock, left = n - first, width = std::min(kBlock, left);
      const auto l = a.block(first, first, left, left);
      Dense<Number> x = Dense<Number>::Identity(left, width);
      l.template triangularView<Eigen::Lower>().solveInPlace(x);
      l.template triangularView<Eigen::Lower>().transpose().solveInPlace(x);
      for (int64_t column = 0; column < width; ++column) {
        matrix.diagonal[first + column] = x(column, column);
        for (int64_t row = column + 1; row < left; ++row)
          a(first + column, first + row) = x(row, column);
      }
    });
    progress.step(blocks + 2 * end, 3 * blocks, "blocks inverted");
  }
  return progress.cancelled() ? cancelled("the training was cancelled while a matrix was inverted") : ok();
}

template Status invert(SymmetricMatrix<float>&, Workers&, TrainingProgress&);
template Status invert(SymmetricMatrix<double>&, Workers&, TrainingProgress&);

}  // namespace penstock
