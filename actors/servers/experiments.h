// Experiments as they answer: gives each user the variant that is theirs, and notes what was shown into the logs of
// impressions, of experiments as of recommenders and models that name one. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/aggregators/experiment.h"
#include "actors/servers/experiment_desk.h"
#include "actors/servers/node.h"
#include "actors/sources/impression_log.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class Experiments final : public ExperimentDesk {
 public:
  /// Both outlive it.
  Experiments(Runtime& runtime, ImpressionLogs& impressions);

  bool empty() const { return plans_.empty(); }
  /// Answers the query by `answer`: through the user's variant where it names an experiment (or nothing, and there is one).
  using Answer = std::function<Result<Recommendation>(const RecommendationQuery&)>;
  Result<Recommendation> recommend(const RecommendationQuery& query, const Answer& answer) const;

  std::vector<ExperimentStatus> list() const override;
  Result<ExperimentStatus> show(const std::string& id) const override;
  /// What was measured, as metrics.
  void tell() const;

 private:
  struct Planned {
    ExperimentPlan plan;
    std::string salt, outcomes;
    std::vector<double> shares;
  };

  const Planned* find(const std::string& id) const;
  void note(const RecommendationQuery& query, const Planned* experiment, Recommendation& answer) const;
  ExperimentStatus status(const Planned& planned) const;

  Runtime& runtime_;
  ImpressionLogs& impressions_;
  std::vector<Planned> plans_;
};

}  // namespace penstock
