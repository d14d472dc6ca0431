// An online model that foretells a yes-or-no outcome: an aggregator that learns each row as it comes, whose state is the
// model. Any thread may ask it at any time; an answer rests on all rows it has taken in.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "core/ids.h"
#include "models/calibration.h"
#include "models/prediction_encoder.h"

namespace penstock {

/// Values by the name of the feature; those that are left out count as missing.
using PredictionRow = std::map<std::string, PredictionValue, std::less<>>;

struct Prediction {
  double probability = 0;  // calibrated
  double log_odds = 0;     // before calibration: the sum of the contributions
  /// What speaks for and against, the strongest first: `bias`, `city=Rome`.
  std::vector<std::pair<std::string, double>> contributions = {};
};

class Predictor : public Aggregator {
 public:
  /// Errors: invalid_argument (an unknown feature, with the nearest known name; a value of the wrong type).
  virtual Result<Prediction> predict(const PredictionRow& row, bool contributions) const = 0;
  struct Learnt {
    uint64_t rows = 0;
    OnlineCalibration::Quality quality = {};  // each row foretold before it was learnt
  };
  virtual Learnt learnt() const = 0;
};

}  // namespace penstock
