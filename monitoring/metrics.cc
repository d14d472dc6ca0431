#include "monitoring/metrics.h"

#include <algorithm>
#include <cctype>

namespace penstock::monitoring {
namespace {

constexpr MetricType kCounter = MetricType::kCounter;
constexpr MetricType kGauge = MetricType::kGauge;
constexpr MetricType kHistogram = MetricType::kHistogram;

}  // namespace

const std::vector<MetricInfo>& metric_list() {
  // clang-format off
  static const std::vector<MetricInfo> list = {
      {Metric::kReceivedEvents, "penstock_component_received_events_total", kCounter, true, {}, "Records that came into a component."},
      {Metric::kReceivedBytes, "penstock_component_received_bytes_total", kCounter, true, {}, "Bytes that came into a component."},
      {Metric::kSentEvents, "penstock_component_sent_events_total", kCounter, true, {}, "Records that a component passed on."},
      {Metric::kSentBytes, "penstock_component_sent_bytes_total", kCounter, true, {}, "Bytes that a component passed on."},
      {Metric::kDiscardedEvents, "penstock_component_discarded_events_total", kCounter, true, {"reason"}, "Records set aside as dead letters, by reason."},
      {Metric::kErrors, "penstock_component_errors_total", kCounter, true, {"error_type"}, "Errors of a component, by kind."},
      {Metric::kProcessingSeconds, "penstock_component_processing_seconds", kHistogram, true, {}, "Time to handle one batch."},
      {Metric::kTimeSeconds, "penstock_component_time_seconds_total", kCounter, true, {"state"}, "Where a component's time went: busy, idle, blocked by a limit downstream. The first component that is busy below blocked ones is the bottleneck."},
      {Metric::kQueueBytes, "penstock_component_queue_bytes", kGauge, true, {}, "Bytes waiting before a component; of a region: bytes of its epochs that are not committed yet."},
      {Metric::kQueueBatches, "penstock_component_queue_batches", kGauge, true, {}, "Batches waiting before a component; of a region: epochs that are not committed yet."},
      {Metric::kUp, "penstock_component_up", kGauge, true, {}, "1 while a component does its work or has finished it, 0 while it is restarting, failing or stopped."},
      {Metric::kState, "penstock_component_state", kGauge, true, {"state"}, "1 for the state that a component is in, 0 for those it was in before."},
      {Metric::kRestarts, "penstock_supervisor_restarts_total", kCounter, true, {}, "Restarts of a failed component by its supervisor."},
      {Metric::kRestartBackoff, "penstock_supervisor_backoff_seconds", kGauge, true, {}, "How long the last restart was put off."},
      {Metric::kEpochs, "penstock_epochs_committed_total", kCounter, true, {}, "Epochs of a region that became durable."},
      {Metric::kEpochEvents, "penstock_epochs_committed_events_total", kCounter, true, {}, "Input records in those epochs."},
      {Metric::kEpochSeconds, "penstock_epoch_commit_seconds", kHistogram, true, {}, "From an epoch's beginning until it was durable."},
      {Metric::kEpochLastCommit, "penstock_epoch_last_commit_timestamp_seconds", kGauge, true, {}, "When a region's last epoch became durable."},
      {Metric::kStateKeys, "penstock_state_keys", kGauge, true, {}, "Keys that an aggregator holds."},
      {Metric::kStateBytes, "penstock_state_bytes", kGauge, true, {}, "Memory that an aggregator's state takes, an estimate."},
      {Metric::kStoreCommitSeconds, "penstock_lmdb_commit_seconds", kHistogram, false, {}, "Time of the store's synced transactions."},
      {Metric::kStoreCommittedBytes, "penstock_lmdb_committed_bytes_total", kCounter, false, {}, "Bytes handed to the store and durable."},
      {Metric::kStoreCommittedBatches, "penstock_lmdb_committed_batches_total", kCounter, false, {}, "Write batches in the store's transactions; by commits, how many share one."},
      {Metric::kStoreUsed, "penstock_lmdb_used_bytes", kGauge, false, {}, "Bytes of the store in use."},
      {Metric::kStoreMap, "penstock_lmdb_map_bytes", kGauge, false, {}, "The store's disk budget."},
      {Metric::kStoreReaders, "penstock_lmdb_readers", kGauge, false, {}, "Read transactions open."},
      {Metric::kStoreChangelog, "penstock_lmdb_changelog_bytes", kGauge, false, {}, "Bytes of changelogs that the tables have not absorbed yet."},
      {Metric::kModelVersion, "penstock_model_version_info", kGauge, true, {"version"}, "1 for the version of a model that serves."},
      {Metric::kModelTrained, "penstock_model_trained_timestamp_seconds", kGauge, true, {}, "When the serving version was trained."},
      {Metric::kModelStaleness, "penstock_model_staleness_seconds", kGauge, true, {}, "Age of the serving version at the time of the scrape."},
      {Metric::kModelTrainings, "penstock_model_trainings_total", kCounter, true, {"result"}, "Trainings that ended, by result: ok, failed."},
      {Metric::kModelTrainingSeconds, "penstock_model_training_seconds", kGauge, true, {}, "Duration of the last training."},
      {Metric::kModelUsers, "penstock_model_users", kGauge, true, {}, "Users in the last training's data."},
      {Metric::kModelItems, "penstock_model_items", kGauge, true, {}, "Items in the last training's data."},
      {Metric::kModelInteractions, "penstock_model_interactions", kGauge, true, {}, "Interactions in the last training's data."},
      {Metric::kModelMetric, "penstock_model_metric", kGauge, true, {"metric"}, "Quality of the last trained version on the hold-out, by metric such as ndcg_10."},
      {Metric::kEventToServed, "penstock_event_to_served_seconds", kHistogram, true, {}, "From an event being taken in until answers reflect it."},
      {Metric::kRequests, "penstock_serve_requests_total", kCounter, false, {"route", "code"}, "HTTP requests answered, by route template and status code."},
      {Metric::kRequestSeconds, "penstock_serve_request_seconds", kHistogram, false, {"route", "code"}, "Time to answer an HTTP request."},
      {Metric::kRecommendations, "penstock_recommendations_total", kCounter, true, {"fallback", "segment"}, "Recommendation answers of a model, by whether they fell back to most popular items, and by segment: warm users (five items or more), cold ones, anonymous."},
      {Metric::kRecommendedItems, "penstock_recommended_items_total", kCounter, true, {}, "Items in recommendation answers."},
      {Metric::kModelTransitions, "penstock_model_transitions_total", kCounter, true, {"state"}, "Model versions that reached a state: candidate, shadow, canary, live, archived, rejected."},
      {Metric::kModelCanaryShare, "penstock_model_canary_share", kGauge, true, {}, "Share of users whom a version beside the live one answers; 0: none."},
      {Metric::kTrainingProgress, "penstock_model_training_progress", kGauge, true, {}, "How far the training under way is, 0 to 1; -1: there is none."},
      {Metric::kTrainingEta, "penstock_model_training_eta_seconds", kGauge, true, {}, "Time that the training under way will still take, an estimate; -1: none yet."},
      {Metric::kModelScannedShare, "penstock_model_scanned_share", kGauge, true, {"method"}, "Share of the items that a search for the best looks at in full."},
      {Metric::kModelRecall, "penstock_model_recall", kGauge, true, {"method"}, "Share of the truly best items that the search finds, measured against the exact answer."},
      {Metric::kPrequential, "penstock_prequential_metric", kGauge, true, {"metric", "segment", "version"}, "Quality on the live stream over the last window: each event is foretold, then learnt. Segments: all, warm and cold users, head and tail items."},
      {Metric::kDrift, "penstock_drift", kGauge, true, {"column", "measure"}, "Distance of a column, or of the scores, from the training window: psi (population stability index) or jensen_shannon (distance, 0 to 1)."},
      {Metric::kExperimentMetric, "penstock_experiment_metric", kGauge, true, {"variant", "metric"}, "What a variant of an experiment reached; metrics with the prefix uplift_ are against the first variant."},
      {Metric::kExperimentLow, "penstock_experiment_metric_low", kGauge, true, {"variant", "metric"}, "Lower end of its 95 % confidence interval."},
      {Metric::kExperimentHigh, "penstock_experiment_metric_high", kGauge, true, {"variant", "metric"}, "Upper end of its 95 % confidence interval."},
      {Metric::kImpressions, "penstock_impressions_total", kCounter, true, {"variant"}, "Items shown and logged, by variant of an experiment."},
      {Metric::kRecommenderAnswers, "penstock_recommender_answers_total", kCounter, true, {"step", "cached", "segment"}, "Answers of a recommender, by the step of its fallback chain that filled them (candidates: none was needed), and by segment: warm users (five items or more), cold ones, anonymous."},
      {Metric::kRecommenderSeconds, "penstock_recommender_seconds", kHistogram, true, {}, "Time to make an answer of a recommender."},
      {Metric::kPredictions, "penstock_predictions_total", kCounter, true, {"outcome"}, "Predictions made, and arms chosen by a bandit."},
      {Metric::kLostEvents, "penstock_component_lost_events_total", kCounter, true, {"log"}, "Records that retention had dropped from a log before this consumer read them."},
      {Metric::kIsolatedEvents, "penstock_component_isolated_events_total", kCounter, true, {}, "Records set aside because they made their component fail again and again."},
      {Metric::kDuplicateEvents, "penstock_component_duplicate_events_total", kCounter, true, {}, "Records that had been taken in before and were not taken again."},
      {Metric::kDeliveryRetries, "penstock_sink_retries_total", kCounter, true, {}, "Deliveries of a sink that failed and were tried again."},
      {Metric::kStalls, "penstock_component_stalls_total", kCounter, true, {}, "Times that a component had work and did not answer within stall_timeout."},
      {Metric::kLagEvents, "penstock_component_lag_events", kGauge, true, {"log"}, "Records of a log that a consumer has not handled yet."},
      {Metric::kLagSeconds, "penstock_component_lag_seconds", kGauge, true, {"log"}, "Age of the oldest of those records."},
      {Metric::kStoreWritable, "penstock_lmdb_writable", kGauge, false, {}, "1 while the store takes commits, 0 while it is read-only."},
      {Metric::kBackupTimestamp, "penstock_backup_last_timestamp_seconds", kGauge, false, {}, "When the last live backup was finished; of one from before the node started, when it was begun."},
      {Metric::kBackupBytes, "penstock_backup_last_bytes", kGauge, false, {}, "Size of the last live backup."},
      {Metric::kBackupSeconds, "penstock_backup_last_seconds", kGauge, false, {}, "Duration of the last live backup."},
      {Metric::kMemoryUsed, "penstock_memory_used_bytes", kGauge, false, {}, "Memory that the node's parts account for."},
      {Metric::kMemoryBudget, "penstock_memory_budget_bytes", kGauge, false, {}, "The node's memory budget; 0: none."},
      {Metric::kMemoryHeld, "penstock_memory_held_bytes", kGauge, false, {"part"}, "Memory that one part accounts for."},
      {Metric::kJobRuns, "penstock_job_runs_total", kCounter, true, {"state"}, "Runs of the job that ended: succeeded, failed, cancelled, timed_out, or interrupted by a stop of the node."},
      {Metric::kJobRunning, "penstock_job_running", kGauge, true, {}, "1 while the job runs."},
      {Metric::kJobProgress, "penstock_job_progress", kGauge, true, {}, "How far the run is, 0 to 1; -1: it does not run."},
      {Metric::kJobEta, "penstock_job_eta_seconds", kGauge, true, {}, "How long the run will still take; -1: no estimate."},
      {Metric::kJobSeconds, "penstock_job_last_seconds", kGauge, true, {}, "Duration of the run that ended last."},
      {Metric::kJobSucceeded, "penstock_job_last_success_timestamp_seconds", kGauge, true, {}, "When the job last succeeded; 0: never."},
      {Metric::kJobLate, "penstock_job_late_seconds", kGauge, true, {}, "For how long a run has been due and not begun, because the one before it still goes on."},
      {Metric::kJobFailing, "penstock_job_last_run_failed", kGauge, true, {}, "1 if the run that ended last failed or timed out, else 0. Remembered across restarts."},
      {Metric::kJobNext, "penstock_job_next_timestamp_seconds", kGauge, true, {}, "When the job is due next; 0: not by the clock."},
      {Metric::kBatchTasks, "penstock_batch_tasks_total", kCounter, true, {"task", "result"}, "Tasks of recomputed views that ended, by kind (map, reduce, erase) and result: ok, failed."},
      {Metric::kBatchTaskSeconds, "penstock_batch_task_seconds", kHistogram, true, {"task"}, "Time that one such task took."},
      {Metric::kWatermark, "penstock_watermark_timestamp_seconds", kGauge, true, {}, "Event time up to which an aggregator takes its input as complete."},
      {Metric::kWatermarkLag, "penstock_watermark_lag_seconds", kGauge, true, {}, "How far that is behind the clock."},
      {Metric::kKafkaLag, "penstock_kafka_consumer_lag", kGauge, true, {"topic", "partition"}, "Records of a partition that this node has been assigned and has not taken in yet."},
      {Metric::kKafkaLagSeconds, "penstock_kafka_consumer_lag_seconds", kGauge, true, {"topic", "partition"}, "Age of the record taken in last, by its timestamp in Kafka, while there are more; else 0."},
      {Metric::kKafkaPartitions, "penstock_kafka_assigned_partitions", kGauge, true, {}, "Partitions that the consumer group has assigned to this node."},
      {Metric::kKafkaRebalances, "penstock_kafka_rebalances_total", kCounter, true, {"kind"}, "Times that partitions were assigned to this node, revoked from it, or lost."},
      {Metric::kKafkaErrors, "penstock_kafka_errors_total", kCounter, true, {"error"}, "Errors that brokers or the way to them gave, by their name in the Kafka protocol."},
      {Metric::kStoreDiskFree, "penstock_lmdb_disk_free_bytes", kGauge, false, {}, "Bytes free on the file system that holds the store."},
      {Metric::kStoreDisk, "penstock_lmdb_disk_bytes", kGauge, false, {}, "Size of that file system."},
      {Metric::kStoreRefused, "penstock_lmdb_refused_commits_total", kCounter, false, {}, "Commits that the store refused, because of its disk budget or the disk."},
      {Metric::kStoreDamaged, "penstock_lmdb_damaged_reads_total", kCounter, false, {}, "Reads of the store that met damaged bytes."},
      {Metric::kLogEvents, "penstock_log_events", kGauge, false, {"log"}, "Records that a log holds."},
      {Metric::kLogBytes, "penstock_log_bytes", kGauge, false, {"log"}, "Bytes that a log holds."},
      {Metric::kLettersWaiting, "penstock_dead_letters_waiting", kGauge, false, {}, "Dead letters that were neither replayed nor purged."},
      {Metric::kLettersOldest, "penstock_dead_letters_oldest_seconds", kGauge, false, {}, "Age of the oldest of them; 0: there are none."},
      {Metric::kReady, "penstock_node_ready", kGauge, false, {}, "1 once every region has run and every model that has history to learn from serves."},
      {Metric::kHealthy, "penstock_node_healthy", kGauge, false, {}, "1 while nothing is failing or stalled."},
      {Metric::kRequestsUnderWay, "penstock_serve_requests_in_flight", kGauge, false, {}, "HTTP requests that are being answered."},
      {Metric::kModelLiveMetric, "penstock_model_live_metric", kGauge, true, {"metric"}, "Quality on its hold-out of the version that serves."},
      {Metric::kModelBeforeMetric, "penstock_model_before_metric", kGauge, true, {"metric"}, "Quality on its hold-out of the version that served before it, to which a rollback leads."},
      {Metric::kModelVersions, "penstock_model_versions", kGauge, true, {"state"}, "Stored versions of a model in a state: candidate, shadow, canary, live, archived, rejected."},
      {Metric::kModelTrainEvery, "penstock_model_train_every_seconds", kGauge, true, {}, "How often the model is to be trained anew; only where train_every is declared."},
      {Metric::kStarted, "penstock_started_timestamp_seconds", kGauge, false, {}, "When the node started."},
      {Metric::kBuildInfo, "penstock_build_info", kGauge, false, {"version"}, "1, with the version that runs."},
  };
  // clang-format on
  return list;
}

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::kCounter: return "counter";
    case MetricType::kGauge: return "gauge";
    case MetricType::kHistogram: return "histogram";
  }
  return "";
}

const std::vector<double>& latency_buckets() {
  static const std::vector<double> buckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                              0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};
  return buckets;
}

std::string metrics_reference() {
  std::string text =
      "# Metrics\n\n"
      "What `GET /metrics` exposes, in the Prometheus text format. Every metric carries the label `topology`; "
      "*component*\n"
      "stands for `component_id`, `component_kind` and `component_type`. Users and items are never labels. Histograms "
      "have\n"
      "buckets from 100 µs to 60 s. A series appears with its first event.\n\n"
      "| name | type | labels | meaning |\n| --- | --- | --- | --- |\n";
  for (const MetricInfo& metric : metric_list()) {
    std::string labels = metric.component ? "*component*" : "";
    for (const char* label : metric.more)
      if (label != nullptr)
        labels += std::string(labels.empty() ? "" : ", ") + "`" + label + "`";
    text += "| `" + std::string(metric.name) + "` | " + std::string(type_name(metric.type)) + " | " + labels + " | " +
            metric.meaning + " |\n";
  }
  return text;
}

std::string_view label_word(std::string_view word) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  };
  return !word.empty() && word.size() <= 40 && std::all_of(word.begin(), word.end(), fits) ? word : "other";
}

}  // namespace penstock::monitoring
