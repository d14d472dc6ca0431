// Logistic regression learnt one example at a time, by FTRL-proximal with a learning rate for each coordinate: the weights
// stay sparse, and what is seldom seen learns fast. Features are hashed into a fixed number of buckets, so that memory does
// not grow. A plain value with one owner.
//
//   w_i = 0                                                          if |z_i| ≤ λ1
//       = −(z_i − sgn(z_i) λ1) / ((β + √n_i) / α + λ2)               else
//   p   = σ(Σ x_i w_i),   g_i = weight · (p − y) x_i
//   σ_i = (√(n_i + g_i²) − √n_i) / α,   z_i += g_i − σ_i w_i,   n_i += g_i²
//
// Source: McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013, algorithm 1. Departure: the bias is
// bucket 0, which nothing else hashes to, and is not regularised.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace penstock {

struct FtrlParameters {
  double alpha = 0.2;  // learning rate
  double beta = 1;     // how long the learning rate stays near alpha
  double l1 = 0.1;     // weights whose evidence is below this are exactly 0
  double l2 = 1;
  uint32_t buckets = 1U << 18;  // at least 2
};

/// One coordinate that is not 0.
struct FtrlInput {
  uint32_t bucket;
  float value;
};

struct FtrlExample {
  std::vector<FtrlInput> inputs;  // without the bias
  bool label = false;
  float weight = 1;
};

/// σ(x), without overflow.
double sigmoid(double log_odds);
/// The inverse. Requires: 0 < p < 1.
double logit(double probability);

class Ftrl {
 public:
  static constexpr uint32_t kBias = 0;
  /// A bucket's whole state.
  struct Slot {
    float z = 0;
    float n = 0;
    bool operator==(const Slot&) const = default;
  };

  explicit Ftrl(const FtrlParameters& parameters);

  /// Where a feature such as `city=Rome` lives; never the bias.
  uint32_t bucket(std::string_view feature) const;
  float weight(uint32_t bucket) const;
  /// Log-odds that the label is true.
  double score(std::span<const FtrlInput> inputs) const;
  /// Foretells the example, then learns it. The log-odds are those before it was learnt.
  double learn(std::span<const FtrlInput> inputs, bool label, double weight = 1);

  const FtrlParameters& parameters() const { return parameters_; }
  Slot slot(uint32_t bucket) const { return slots_[bucket]; }
  /// Requires: bucket < parameters().buckets.
  void set_slot(uint32_t bucket, Slot slot) { slots_[bucket] = slot; }
  size_t memory() const { return slots_.size() * sizeof(Slot); }

 private:
  double weight_of(const Slot& slot, bool bias) const;
  void update(uint32_t bucket, double gradient);

  FtrlParameters parameters_;
  std::vector<Slot> slots_;
};

/// The batch learner: so many passes over the examples, each in an order of its own that the seed gives.
Ftrl fit_ftrl(const FtrlParameters& parameters, std::span<const FtrlExample> examples, int epochs, uint64_t seed);

}  // namespace penstock
