// From the values of one case to what a linear model learns: named features, numbers on a common scale. The scale of a
// number is that of all values before it, so that nothing has to be known beforehand. A plain value with one owner.
//
//   kind     value      features
//   numeric  number x   `column` with (x − mean) / deviation, at most 5 from 0
//   others   as in features.h
//   any      missing    `column?`
//
// Source of the running mean and deviation: Welford, Technometrics 4(3), 1962.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "models/features.h"

namespace penstock {

/// One value as data or a request has it; monostate: it is missing. A list is that of a multi column.
using PredictionValue = std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<std::string>>;

struct PredictionColumn {
  FeatureColumn column;
  bool numeric = false;  // instead of column.kind
};

/// Mean and deviation of the numbers up to now.
class RunningScale {
 public:
  struct State {
    double count = 0, mean = 0, squares = 0;
    bool operator==(const State&) const = default;
  };
  void add(double value);
  /// 0 until two different numbers were seen.
  double standardise(double value) const;
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  State state_;
};

class PredictionEncoder {
 public:
  explicit PredictionEncoder(std::vector<PredictionColumn> columns);

  const std::vector<PredictionColumn>& columns() const { return columns_; }
  /// Appends the features of a case. Requires: a value for each column.
  void encode(std::span<const PredictionValue> values, std::vector<Feature>& out) const;
  /// Lets the scales know the numbers of a case.
  void learn(std::span<const PredictionValue> values);
  /// What is wrong with the value for that column; ok if nothing is. Errors: invalid_argument.
  Status check(size_t column, const PredictionValue& value) const;

  /// One for each column; of those that are not numeric it stays empty.
  std::vector<RunningScale>& scales() { return scales_; }
  const std::vector<RunningScale>& scales() const { return scales_; }

 private:
  std::vector<PredictionColumn> columns_;
  std::vector<RunningScale> scales_;
};

}  // namespace penstock
