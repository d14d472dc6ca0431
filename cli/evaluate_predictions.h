// How well a topology's models of yes-or-no outcomes foretell: the part of `penstock evaluate` for online models. The newest fifth
// of the rows, in the order of the input, is foretold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/status.h"
#include "models/binary_metrics.h"
#include "models/ftrl.h"
#include "models/prediction_encoder.h"
#include "topology/plan.h"

namespace penstock::cli {

/// One row with its outcome.
struct OutcomeRow {
  std::vector<PredictionValue> values;
  bool label = false;
  float weight = 1;
};

struct OutcomeFigures {
  std::string learner;
  double auc = 0.5, log_loss = 0, calibration_error = 0;
};

/// Figures of the last fifth: of the online learner, which goes on learning as in a node; of the batch learner with so many
/// passes over the rows before; and of the share of true labels as the only answer. Requires: a value for each column.
std::vector<OutcomeFigures> evaluate_outcomes(const std::vector<OutcomeRow>& rows,
                                              const std::vector<PredictionColumn>& columns,
                                              const FtrlParameters& parameters, double window, int epochs,
                                              uint64_t seed);

/// Reads the model's input and prints its figures. Errors: of the sources; invalid_argument (hardly any rows).
Status show_outcomes(const topology::CheckedTopology& topology, const topology::Component& model, uint64_t max_events,
                     uint64_t seed);

}  // namespace penstock::cli
