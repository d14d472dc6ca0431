// Measures a model: trains it on the training part of a split, ranks for each user all items not seen in training, and
// compares with what was held out. Most popular and random stand beside it as baselines.
//
// Users without any training interaction are left out (and counted): no model here can say anything about them. Users
// without held-out items have nothing to measure and are left out as well.
#pragma once

#include <string>
#include <vector>

#include "models/metrics.h"
#include "models/model.h"
#include "models/split.h"

namespace penstock {

struct EvaluateOptions {
  std::vector<int> cutoffs = {10, 20};  // the k of hr@k and the like
  uint64_t seed = 1;                    // of the training and of the random baseline
  int threads = 1;
  bool baselines = true;
};

struct MetricValue {
  std::string name;
  Interval interval;  // coverage is one number of the whole: low and high are its value
};

struct ModelReport {
  std::string name;  // as given; `most_popular`, `random`
  std::string type;
  double seconds = 0;  // of the training
  std::vector<MetricValue> metrics;

  /// 0 if there is none of this name.
  double value(std::string_view metric) const;
};

struct EvaluationReport {
  Protocol protocol = Protocol::kTemporal;
  std::vector<MetricDefinition> definitions;
  size_t users = 0;           // measured
  size_t users_left_out = 0;  // with held-out items, but without training
  size_t items = 0;
  size_t train_interactions = 0;
  size_t held_out_interactions = 0;
  std::vector<ModelReport> models;  // the model, then the baselines
};

/// Errors: those of Model::fit.
Result<EvaluationReport> evaluate(const Model& model, const SplitData& data, const EvaluateOptions& options,
                                  TrainingProgress& progress);

/// Measures what is trained already. Same split and snapshot: same numbers, whatever the number of threads.
ModelReport measure(const ModelSnapshot& snapshot, const SplitData& data, const EvaluateOptions& options);
/// Every ranking with the same probability.
ModelReport measure_random(const SplitData& data, const EvaluateOptions& options);

}  // namespace penstock
