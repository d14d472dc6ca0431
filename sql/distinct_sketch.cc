#include "sql/distinct_sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace penstock::sql {
namespace {

constexpr int kRankBits = 6;
constexpr int kBetween = 25 - DistinctSketch::kPrecision;  // bits of a sparse index that a register's index has not
constexpr int kMostRank = 64 - DistinctSketch::kPrecision + 1;

// sigma(x) = x + sum over k >= 1 of x^(2^k) 2^(k-1), and tau(x) = (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 2^-k) / 3,
// each until its terms change nothing.
double sigma(double x) {
  if (x == 1)
    return INFINITY;
  double y = 1, z = x, before = -1;
  while (z != before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}
double tau(double x) {
  if (x == 0 || x == 1)
    return 0;
  double y = 1, z = 1 - x, before = -1;
  while (z != before) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

// The entry's rank is that of the bits behind the sparse index; where the index's own lower bits already say the rank of the
// register, it is of no use and left 0, so that one index has one entry.
void DistinctSketch::add(uint64_t hash) {
  const auto index = static_cast<uint32_t>(hash >> (64 - kSparsePrecision));
  uint32_t rank = 0;
  if ((index & ((1U << kBetween) - 1)) == 0)
    rank = static_cast<uint32_t>(std::countl_zero(hash << kSparsePrecision | 1ULL << (kSparsePrecision - 1))) + 1;
  const uint32_t entry = index << kRankBits | rank;
  registers_.empty() ? add_sparse(entry) : add_dense(entry);
}

void DistinctSketch::add_sparse(uint32_t entry) {
  const auto at = std::lower_bound(sparse_.begin(), sparse_.end(), entry & ~((1U << kRankBits) - 1));
  if (at != sparse_.end() && *at >> kRankBits == entry >> kRankBits)
    *at = std::max(*at, entry);
  else if (sparse_.size() < kMostSparse)
    sparse_.insert(at, entry);
  else
    make_dense(), add_dense(entry);
}

void DistinctSketch::add_dense(uint32_t entry) {
  const uint32_t index = entry >> kRankBits;
  const uint32_t between = index & ((1U << kBetween) - 1);
  const uint32_t rank = between ? static_cast<uint32_t>(std::countl_zero(between)) - (32 - kBetween) + 1
                                : kBetween + (entry & ((1U << kRankBits) - 1));
  uint8_t& value = registers_[index >> kBetween];
  value = std::max(value, static_cast<uint8_t>(rank));
}

void DistinctSketch::make_dense() {
  registers_.assign(kRegisters, 0);
  for (const uint32_t entry : sparse_)
    add_dense(entry);
  sparse_ = {};
}

void DistinctSketch::merge(const DistinctSketch& other) {
  if (!other.registers_.empty()) {
    if (registers_.empty())
      make_dense();
    for (size_t i = 0; i < kRegisters; ++i)
      registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
  for (const uint32_t entry : other.sparse_)
    registers_.empty() ? add_sparse(entry) : add_dense(entry);
}

double DistinctSketch::estimate() const {
  if (registers_.empty()) {
    const double m = 1U << kSparsePrecision;
    return -m * std::log1p(-static_cast<double>(sparse_.size()) / m);
  }
  std::array<uint32_t, kMostRank + 1> counts{};
  for (const uint8_t value : registers_)
    ++counts[value];
  // m^2 / (2 ln 2) divided by m tau(1 - C_{q+1} / m) 2^-q + sum of C_k 2^-k + m sigma(C_0 / m), with q = 64 - p.
  const double m = kRegisters;
  double z = m * tau(1 - counts[kMostRank] / m);
  for (int k = kMostRank - 1; k >= 1; --k)
    z = (z + counts[static_cast<size_t>(k)]) * 0.5;
  z += m * sigma(counts[0] / m);
  return m * m / (2 * std::log(2.0) * z);
}

bool DistinctSketch::restore(std::span<const uint32_t> sparse, std::span<const uint8_t> registers,
                             DistinctSketch& out) {
  const bool good = registers.empty() ? sparse.size() <= kMostSparse
                                      : sparse.empty() && registers.size() == kRegisters &&
                                            *std::max_element(registers.begin(), registers.end()) <= kMostRank;
  const bool ascends = std::adjacent_find(sparse.begin(), sparse.end(), [](uint32_t a, uint32_t b) {
                         return a >> kRankBits >= b >> kRankBits;
                       }) == sparse.end();
  const bool in_range = sparse.empty() || sparse.back() >> kRankBits < 1U << kSparsePrecision;
  if (!good || !ascends || !in_range)
    return false;
  out.sparse_.assign(sparse.begin(), sparse.end());
  out.registers_.assign(registers.begin(), registers.end());
  return true;
}

}  // namespace penstock::sql
