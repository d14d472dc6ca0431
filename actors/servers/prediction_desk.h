// What a node offers of models that decide for one request at a time: a probability (`logistic`), or one of several offers
// (`bandit`). Both learn inside a region (Binding::online) and answer from what it has read. Any thread; nothing waits.
// Predictions (predictions.h) is the one that a node has.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "actors/aggregators/predictor.h"
#include "core/status.h"

namespace penstock {

struct PredictionAnswer {
  std::string model;
  std::vector<Prediction> predictions;  // one a row
  uint64_t learnt = 0;                  // rows that the model has learnt from
};

/// Which of its arms a bandit should choose for somebody.
struct ChoiceQuery {
  std::string model;
  std::string user = {};               // empty: nobody known
  std::string context = {};            // a JSON object with the features; empty: none
  std::vector<std::string> arms = {};  // of which to choose; empty: all that the bandit has
  std::string decision = {};           // id; empty: the node makes one
};

struct Choice {
  struct Arm {
    std::string arm;
    double score = 0;       // expected reward
    double propensity = 0;  // probability that this arm is chosen in this situation
  };
  std::string model;
  std::string arm;
  double propensity = 0;  // of `arm`
  std::string decision;   // the same id, arms, context and state give the same choice
  bool logged = false;    // the decision is on its way into the log of impressions
  uint64_t learnt = 0;    // trials that the bandit has learnt from
  std::vector<Arm> arms;  // all of which it chose, in the bandit's order
};

class PredictionDesk {
 public:
  virtual ~PredictionDesk() = default;
  /// `model` empty: the topology's first that foretells outcomes. Errors: not_found (no such model), failed_precondition (the
  /// region is starting), invalid_argument (a row; names it if there are several).
  virtual Result<PredictionAnswer> predict(const std::string& model, std::span<const PredictionRow> rows,
                                           bool contributions) const = 0;
  /// Errors: as of predict; invalid_argument for an arm or context that the bandit does not know.
  virtual Result<Choice> choose(const ChoiceQuery& query) = 0;
};

}  // namespace penstock
