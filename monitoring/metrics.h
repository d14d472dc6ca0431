// The one list of all metrics: name, type, labels, meaning. What is exposed and the reference page docs/metrics.md derive
// from it. Names follow Vector's and Prometheus' conventions: base units, `_total` on counters, histograms not summaries.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::monitoring {

/// Index into metric_list().
enum class Metric : uint8_t {
  kReceivedEvents,
  kReceivedBytes,
  kSentEvents,
  kSentBytes,
  kDiscardedEvents,
  kErrors,
  kProcessingSeconds,
  kTimeSeconds,
  kQueueBytes,
  kQueueBatches,
  kUp,
  kState,
  kRestarts,
  kRestartBackoff,
  kEpochs,
  kEpochEvents,
  kEpochSeconds,
  kEpochLastCommit,
  kStateKeys,
  kStateBytes,
  kStoreCommitSeconds,
  kStoreCommittedBytes,
  kStoreCommittedBatches,
  kStoreUsed,
  kStoreMap,
  kStoreReaders,
  kStoreChangelog,
  kModelVersion,
  kModelTrained,
  kModelStaleness,
  kModelTrainings,
  kModelTrainingSeconds,
  kModelUsers,
  kModelItems,
  kModelInteractions,
  kModelMetric,
  kEventToServed,
  kRequests,
  kRequestSeconds,
  kRecommendations,
  kRecommendedItems,
  kModelTransitions,
  kModelCanaryShare,
  kTrainingProgress,
  kTrainingEta,
  kModelScannedShare,
  kModelRecall,
  kPrequential,
  kDrift,
  kExperimentMetric,
  kExperimentLow,
  kExperimentHigh,
  kImpressions,
  kRecommenderAnswers,
  kRecommenderSeconds,
  kPredictions,
  kLostEvents,
  kIsolatedEvents,
  kDuplicateEvents,
  kDeliveryRetries,
  kStalls,
  kLagEvents,
  kLagSeconds,
  kStoreWritable,
  kBackupTimestamp,
  kBackupBytes,
  kBackupSeconds,
  kMemoryUsed,
  kMemoryBudget,
  kMemoryHeld,
  kJobRuns,
  kJobRunning,
  kJobProgress,
  kJobEta,
  kJobSeconds,
  kJobSucceeded,
  kJobLate,
  kJobFailing,
  kJobNext,
  kBatchTasks,
  kBatchTaskSeconds,
  kWatermark,
  kWatermarkLag,
  kKafkaLag,
  kKafkaLagSeconds,
  kKafkaPartitions,
  kKafkaRebalances,
  kKafkaErrors,
  kStoreDiskFree,
  kStoreDisk,
  kStoreRefused,
  kStoreDamaged,
  kLogEvents,
  kLogBytes,
  kLettersWaiting,
  kLettersOldest,
  kReady,
  kHealthy,
  kRequestsUnderWay,
  kModelLiveMetric,
  kModelBeforeMetric,
  kModelVersions,
  kModelTrainEvery,
  kStarted,
  kBuildInfo,
  kCount,
};

enum class MetricType { kCounter, kGauge, kHistogram };

struct MetricInfo {
  Metric metric;
  const char* name;
  MetricType type;
  bool component;                   // carries component_id, component_kind, component_type
  std::array<const char*, 3> more;  // further labels, or null
  const char* meaning;
};

const std::vector<MetricInfo>& metric_list();
inline const MetricInfo& info(Metric metric) { return metric_list()[static_cast<size_t>(metric)]; }
std::string_view type_name(MetricType type);

/// Upper bounds of every histogram's buckets, in seconds: 100 µs to 60 s.
const std::vector<double>& latency_buckets();

/// The text of docs/metrics.md.
std::string metrics_reference();

/// `word` if it may stand as a label's value: 1 to 40 letters, digits and `_-.`; else `other`. Free text as a label would
/// make a new series of every message.
std::string_view label_word(std::string_view word);

}  // namespace penstock::monitoring
