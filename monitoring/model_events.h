// The events of models and of serving: versions, their quality, and the answers that they and recommenders give.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "monitoring/origin.h"

namespace penstock::monitoring {

struct ModelTrained {
  const Origin& origin;
  uint64_t version;
  double seconds;
};
/// This version answers from now on: after its training, or when the node starts.
struct ModelLive {
  const Origin& origin;
  uint64_t version;
  double trained_at_seconds;  // since 1970
  uint64_t users, items, interactions;
};
struct ModelMetric {
  const Origin& origin;
  uint64_t version;
  std::string metric;
  double value;
};
struct ModelTrainingFailed {
  const Origin& origin;
  std::string reason;
};
/// An event became visible in answers: time since it was taken in.
struct EventServed {
  const Origin& origin;
  double seconds;
  uint64_t records;
};
struct RequestServed {
  std::string route;
  int code;
  double seconds;
};
struct RecommendationServed {
  const Origin& origin;
  bool fallback;
  uint64_t items;
  std::string_view segment;  // of the user: warm, cold, anonymous
};
/// Requests came (positive) or were answered (negative).
struct RequestsUnderWay {
  int change;
};
/// A version moved on: candidate, shadow, canary, live, archived, rejected.
struct ModelStateChanged {
  const Origin& origin;
  uint64_t version;
  std::string state;
  std::string reason;
};
/// The share of users whom a version beside the live one answers.
struct CanaryShare {
  const Origin& origin;
  uint64_t version;
  double share;
};
/// Quality of a version on its hold-out. which: live, or before: the one that a rollback leads to.
struct ModelQuality {
  const Origin& origin;
  std::string_view which;
  std::string metric;
  double value;
};
/// Stored versions of a model in a state.
struct ModelVersions {
  const Origin& origin;
  std::string_view state;
  uint64_t versions;
};
/// How often a model is to be trained anew.
struct ModelSchedule {
  const Origin& origin;
  double train_every_seconds;
};
/// How far a training is; no estimate: -1. Both -1: none is under way.
struct TrainingProgressed {
  const Origin& origin;
  double progress;  // 0 to 1
  double eta_seconds;
};
/// How the serving version finds its best items.
struct ModelSearched {
  const Origin& origin;
  std::string method;
  double scanned_share;
  double recall;
};
/// Quality on the live stream, each event foretold before it was learnt. segment: all, warm, cold, head, tail.
struct PrequentialMeasured {
  const Origin& origin;
  uint64_t version;
  std::string segment;
  std::string metric;
  double value;
};
/// How far a column, or a model's scores, are from the training window. measure: psi, jensen_shannon.
struct DriftMeasured {
  const Origin& origin;
  std::string column;
  std::string measure;
  double value;
};
/// What one variant of an experiment reached, with its 95 % confidence interval.
struct ExperimentMeasured {
  const Origin& origin;
  std::string variant;
  std::string metric;
  double value, low, high;
};
struct ImpressionsShown {
  const Origin& origin;
  std::string variant;  // of an experiment; empty: none
  uint64_t items;
};
/// A recommender answered: which step of its chain, and whether from its cache.
struct RecommenderAnswered {
  const Origin& origin;
  std::string step;
  uint64_t items;
  bool cached;
  double seconds;
  std::string_view segment;  // of the user: warm, cold, anonymous
};
/// A prediction was made, or an arm chosen.
struct PredictionServed {
  const Origin& origin;
  std::string outcome;  // predicted, or the arm
};

}  // namespace penstock::monitoring
