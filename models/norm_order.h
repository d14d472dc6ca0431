// The items in falling order of the best score they can reach, in strips with the bound of each: by Cauchy and Schwarz
// x · y + b <= |x| |y| + b. Shared by the searches that stop, or leave out a strip, at that bound. Immutable.
#pragma once

#include <cstdint>
#include <vector>

#include "models/item_vectors.h"

namespace penstock {

/// Euclidean length, summed in double precision.
double norm(const float* values, int count);

class NormOrder {
 public:
  static constexpr int64_t kBlock = 16;
  static constexpr int64_t kStrip = 16 * kBlock;
  /// What rounding can add to a score or a bound, as a share of |x| |y| + |b|.
  static constexpr float kRounding = 1e-5f;

  explicit NormOrder(const ItemVectors& items);

  int64_t size() const { return static_cast<int64_t>(items_.size()); }
  int64_t blocks() const { return (size() + kBlock - 1) / kBlock; }
  int64_t strips() const { return static_cast<int64_t>(norms_.size()); }
  int32_t item(int64_t place) const { return items_[place]; }
  /// Largest norm and largest bias of a strip.
  float norm_of(int64_t strip) const { return norms_[strip]; }
  float bias_of(int64_t strip) const { return biases_.empty() ? 0 : biases_[strip]; }
  /// What rounding can add in this strip.
  float slack(int64_t strip, float length) const {
    return kRounding * (length * norms_[strip] + (biases_.empty() ? 0 : largest_bias_));
  }
  /// Whether a strip's bound is never below that of a later one, whatever x: without biases.
  bool falling() const { return biases_.empty(); }
  size_t memory() const { return items_.size() * sizeof(int32_t) + (norms_.size() + biases_.size()) * sizeof(float); }

 private:
  std::vector<int32_t> items_;  // place → item
  std::vector<float> norms_;    // by strip
  std::vector<float> biases_;   // by strip; empty: the items have none
  float largest_bias_ = 0;      // without its sign
};

}  // namespace penstock
