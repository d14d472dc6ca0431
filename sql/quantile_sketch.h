// The distribution of the numbers it has seen, for quantiles. Equal multisets of numbers give equal sketches, in whatever
// order they came and however they were divided and merged (which KLL and t-digest do not promise). A plain value.
//
// Error: exact up to 64 different values. Beyond that values are counted in buckets whose bounds grow by a factor, and a
// quantile is within 0.5 % of the true one, relative to its size, while the values fill at most 2,048 buckets (as any do that
// span a factor of 7e8); each time they fill more, neighbouring buckets become one and the error doubles. The smallest and
// the largest value are exact.
// Memory: 16 bytes a bucket in use.
//
// Source: Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019;
// the uniform collapse: Epicoco, Melle, Cafaro, Pulimeno, Morleo: "UDDSketch", IEEE Access 8, 2020.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock::sql {

class StateReader;

class QuantileSketch {
 public:
  static constexpr double kError = 0.005;
  static constexpr size_t kMostExact = 64;
  static constexpr size_t kMostBuckets = 2048;

  /// NaN counts as larger than all numbers.
  void add(double value);
  void merge(const QuantileSketch& other);
  uint64_t count() const { return count_; }
  /// The value at rank p (count - 1) of the sorted values, from 0, between two values by interpolation (PostgreSQL's
  /// percentile_cont). Requires: count() > 0, p from 0 to 1.
  double quantile(double p) const;
  /// Largest relative error of a quantile now.
  double error() const;

  void encode(std::string& out) const;
  /// Errors: the reader is not ok().
  static QuantileSketch decode(StateReader& reader);
  size_t memory() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    int64_t key;  // of the order of the values: the value's word, or a bucket's number
    uint64_t count;
  };
  int64_t key_of(double value) const;
  double value_of(int64_t key) const;
  double at_rank(uint64_t rank) const;
  void add(int64_t key, uint64_t count);
  void coarsen_to(int level);
  void keep_bounds();

  int level_ = -1;  // -1: exact; l: 2^l of the finest buckets are one
  uint64_t count_ = 0;
  int64_t least_ = INT64_MAX, greatest_ = INT64_MIN;  // words
  std::vector<Entry> entries_;                        // by key
};

}  // namespace penstock::sql
