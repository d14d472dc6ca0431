// What a node offers of models that decide for one request at a time: a probability (`logistic`), or one of several offers
// (`bandit`). Both learn inside a region (Binding::online) and answer from what it has committed or is about to commit.
// Any thread; nothing waits.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

/// One or many rows to predict for, as a batch whose columns are those that the model declares as features; columns that
/// are missing count as null.
struct Prediction {
  std::string model;
  std::vector<double> probabilities;  // one a row
  uint64_t learnt = 0;                // events that the model has learnt from
};

/// Which of its arms a bandit should choose for somebody.
struct ChoiceQuery {
  std::string model;                   // empty: the topology's first bandit
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
  std::string decision;   // the same id, context and state give the same choice
  bool logged = false;    // the decision is on its way into the log of impressions
  std::vector<Arm> scores;
};

class PredictionDesk {
 public:
  virtual ~PredictionDesk() = default;
  /// The columns that predict() reads of the model. Errors: not_found.
  virtual Result<SchemaPtr> features(const std::string& model) const = 0;
  /// Errors: not_found (no such model), failed_precondition (the region is starting), invalid_argument.
  virtual Result<Prediction> predict(const std::string& model, const BatchPtr& rows) const = 0;
  /// Errors: as of predict; invalid_argument for an arm or context that the bandit does not know.
  virtual Result<Choice> choose(const ChoiceQuery& query) = 0;
};

}  // namespace penstock
