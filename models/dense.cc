#include "models/dense.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

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
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXf> solver(leading_part(matrix, size, width));
  SymmetricEigen out{AlignedFloats(width), padded(solver.eigenvectors().rowwise().reverse(), width)};
  for (int j = 0; j < size; ++j)
    out.values[j] = std::max(0.0f, solver.eigenvalues()[size - 1 - j]);
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
