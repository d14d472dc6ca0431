// The prediction desk of a node: finds the aggregator that a model is, and asks it. Any thread; the runtime outlives it.
#pragma once

#include <memory>
#include <string>

#include "actors/servers/node.h"
#include "actors/servers/prediction_desk.h"
#include "actors/sources/impression_log.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class Predictions final : public PredictionDesk {
 public:
  Predictions(Runtime* runtime, ImpressionLogs* impressions) : runtime_(runtime), impressions_(impressions) {}

  Result<PredictionAnswer> predict(const std::string& model, std::span<const PredictionRow> rows,
                                   bool contributions) const override;
  Result<Choice> choose(const ChoiceQuery& query) override;

  /// The online models that foretell outcomes, as they are now.
  std::vector<ModelStatus> status() const;
  /// Their quality as metrics.
  void tell() const;

 private:
  Result<std::shared_ptr<const Predictor>> predictor(const topology::BoundComponent& model) const;

  /// Notes a choice in the bandit's log of impressions. False: it has none, or the note was dropped.
  bool note(const ChoiceQuery& query, const Choice& choice) const;

  Runtime* runtime_;
  ImpressionLogs* impressions_;
};

}  // namespace penstock
