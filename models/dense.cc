#include "models/dense.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/kernels.h"

namespace penstock {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXf leading_part(const float* matrix, int size, int width) {
  const Eigen::Map<const RowMajor> whole(matrix, width, width);
  return whole.topLeftCorner(size, size);
}

AlignedFloats padded(const Eigen::MatrixXf& part, int width) {
  AlignedFloats out(static_cast<size_t>(width) * width);
  Eigen::Map<RowMajor>(out.data(), width, width).topLeftCorner(part.rows(), part.cols()) = part;
  return out;
}

}  // namespace

SymmetricEigen symmetric_eigen(const float* matrix, int size, int width) {
  const auto row = [width](int i) { return static_cast<size_t>(i) * width; };
  AlignedFloats rows(row(width));
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j <= i; ++j)
      rows[row(i) + j] = rows[row(j) + i] = matrix[row(i) + j];
  }
  std::vector<double> values(size);
  SymmetricEigen out{AlignedFloats(width), AlignedFloats(row(width))};
  if (!kernels().symmetric_eigen(rows.data(), size, width, values.data())) {  // never seen; then slowly and surely
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXf> solver(leading_part(matrix, size, width));
    out.vectors = padded(solver.eigenvectors().rowwise().reverse(), width);
    for (int j = 0; j < size; ++j)
      out.values[j] = std::max(0.0f, solver.eigenvalues()[size - 1 - j]);
    return out;
  }
  std::vector<int> order(size);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return values[a] > values[b]; });
  for (int j = 0; j < size; ++j) {
    out.values[j] = std::max(0.0f, static_cast<float>(values[order[j]]));
    for (int i = 0; i < size; ++i)
      out.vectors[row(i) + j] = rows[row(order[j]) + i];
  }
  return out;
}

AlignedFloats whitening(const float* matrix, int size, int width) {
  const Eigen::MatrixXf a = leading_part(matrix, size, width);
  const Eigen::LLT<Eigen::MatrixXf> factors(a);
  const auto pivots = factors.matrixLLT().diagonal().array();
  if (factors.info() == Eigen::Success && pivots.minCoeff() > 1e-2f * pivots.maxCoeff()) {
    const Eigen::MatrixXf inverse = factors.matrixU().solve(Eigen::MatrixXf::Identity(size, size));
    return padded(inverse, width);
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXf> solver(a);
  const float least = 1e-6f * std::max(solver.eigenvalues()[size - 1], 0.0f);
  Eigen::MatrixXf scaled = solver.eigenvectors().rowwise().reverse();
  for (int j = 0; j < size; ++j) {
    const float value = solver.eigenvalues()[size - 1 - j];
    scaled.col(j) *= value > least ? 1 / std::sqrt(value) : 0.0f;
  }
  return padded(scaled, width);
}

std::vector<double> cholesky_solve(std::span<const double> matrix, std::span<const double> b) {
  const auto size = static_cast<Eigen::Index>(b.size());
  const Eigen::Map<const Eigen::MatrixXd> a(matrix.data(), size, size);
  std::vector<double> x(b.begin(), b.end());
  Eigen::Map<Eigen::VectorXd> solution(x.data(), size);
  a.llt().solveInPlace(solution);
  return x;
}

void cholesky_solve(std::span<const float> matrix, std::span<float> b) {
  const auto size = static_cast<Eigen::Index>(b.size());
  const Eigen::Map<const Eigen::MatrixXf> a(matrix.data(), size, size);
  Eigen::Map<Eigen::VectorXf> solution(b.data(), size);
  a.llt().solveInPlace(solution);
}

}  // namespace penstock
