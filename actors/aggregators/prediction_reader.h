// Reads the input of an online model: the values of its feature columns and the outcome. The one place that knows what
// `features`, `label` and `weight` mean. Immutable; any thread.
//
// A row whose label is null is passed over: its outcome is not known. One whose weight is negative or not finite, or whose
// label or weight cannot be computed, is rejected.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "actors/stages/stage.h"
#include "models/prediction_encoder.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct LabelledRow {
  std::span<const PredictionValue> values;  // one for each column; valid during the call
  bool label;
  float weight;  // over 0
};

class PredictionReader {
 public:
  /// Requires: the component passed check_prediction. Errors: invalid_argument.
  static Result<PredictionReader> make(const topology::Component& model, const SchemaPtr& input);
  const std::vector<PredictionColumn>& columns() const { return columns_; }
  /// Calls `visit` for each row with a known outcome, in their order.
  void read(const BatchPtr& batch, std::vector<Rejected>& rejected,
            const std::function<void(const LabelledRow&)>& visit) const;

 private:
  PredictionReader(std::vector<PredictionColumn> columns, std::vector<size_t> indexes, sql::Expression label,
                   sql::Expression weight)
      : columns_(std::move(columns)),
        indexes_(std::move(indexes)),
        label_(std::move(label)),
        weight_(std::move(weight)) {}

  std::vector<PredictionColumn> columns_;
  std::vector<size_t> indexes_;  // of the columns in the input
  sql::Expression label_;
  sql::Expression weight_;
};

/// A column's value of that row.
PredictionValue prediction_value(const Column& column, size_t row);

/// label, weight, features.
std::vector<topology::Property> prediction_properties();
void check_prediction(const topology::Component& model, const SchemaPtr& input, topology::Diagnostics& diagnostics);

}  // namespace penstock
