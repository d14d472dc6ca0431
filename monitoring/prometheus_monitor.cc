#include "monitoring/prometheus_monitor.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <sstream>

#include "monitoring/log_lines.h"
#include "monitoring/metrics.h"
#include "monitoring/process_metrics.h"
#include "monitoring/series.h"

namespace penstock::monitoring {
namespace {

double to_double(uint64_t count) { return static_cast<double>(count); }
double to_seconds(Timestamp timestamp) { return static_cast<double>(timestamp.micros) * 1e-6; }

/// `count` observations of one value at once.
void observe(prometheus::Histogram& histogram, double value, uint64_t count) {
  const std::vector<double>& buckets = latency_buckets();
  std::vector<double> increments(buckets.size() + 1);
  const auto bucket = std::lower_bound(buckets.begin(), buckets.end(), value) - buckets.begin();
  increments[static_cast<size_t>(bucket)] = to_double(count);
  histogram.ObserveMultiple(increments, value * to_double(count));
}

/// `ndcg@10` as a label: ndcg_10; `recall@10/|T|`: recall_10_T.
std::string metric_word(std::string name) {
  std::erase(name, '|');
  std::ranges::replace_if(
      name, [](char c) { return c == '@' || c == '/'; }, '_');
  return std::string(label_word(name));
}

/// A total that is counted elsewhere, from the node's start on.
void raise(prometheus::Counter& counter, uint64_t total) {
  if (const double more = to_double(total) - counter.Value(); more > 0)
    counter.Increment(more);
}

bool is_up(std::string_view state) {
  constexpr std::array<std::string_view, 5> kDown = {"starting", "restarting", "failing", "failed", "stopped"};
  return std::find(kDown.begin(), kDown.end(), state) == kDown.end();
}

}  // namespace

/// One function an event: which metrics it moves. An event that is missing here does not compile.
class PrometheusMonitor::Impl {
 public:
  Impl(const PrometheusOptions& options, const Clock& clock)
      : log(options.log), clock_(clock), topology_(options.topology), table_(options.topology) {
    table_.gauge(Metric::kBuildInfo, nullptr, options.version).Set(1);
  }

  void operator()(const BatchReceived& e) {
    table_.counter(Metric::kReceivedEvents, &e.origin).Increment(to_double(e.records));
    table_.counter(Metric::kReceivedBytes, &e.origin).Increment(to_double(e.bytes));
  }
  void operator()(const BatchSent& e) {
    table_.counter(Metric::kSentEvents, &e.origin).Increment(to_double(e.records));
    table_.counter(Metric::kSentBytes, &e.origin).Increment(to_double(e.bytes));
  }
  void operator()(const BatchProcessed& e) {
    table_.histogram(Metric::kProcessingSeconds, &e.origin).Observe(e.seconds);
  }
  void operator()(const RecordsRejected& e) {
    table_.counter(Metric::kDiscardedEvents, &e.origin, label_word(e.reason)).Increment(to_double(e.records));
  }
  void operator()(const ComponentError& e) {
    table_.counter(Metric::kErrors, &e.origin, label_word(e.error_type)).Increment();
  }
  void operator()(const TimeSpent& e) {
    table_.counter(Metric::kTimeSeconds, &e.origin, "busy").Increment(std::max(0.0, e.busy));
    table_.counter(Metric::kTimeSeconds, &e.origin, "idle").Increment(std::max(0.0, e.idle));
    table_.counter(Metric::kTimeSeconds, &e.origin, "blocked").Increment(std::max(0.0, e.blocked));
  }
  void operator()(const QueueSize& e) {
    table_.gauge(Metric::kQueueBytes, &e.origin).Set(to_double(e.bytes));
    table_.gauge(Metric::kQueueBatches, &e.origin).Set(to_double(e.batches));
  }
  void operator()(const EpochCommitted& e) {
    table_.counter(Metric::kEpochs, &e.origin).Increment();
    table_.counter(Metric::kEpochEvents, &e.origin).Increment(to_double(e.records));
    table_.histogram(Metric::kEpochSeconds, &e.origin).Observe(e.seconds);
    table_.gauge(Metric::kEpochLastCommit, &e.origin).Set(to_seconds(clock_.now()));
  }
  // The first failure of a component must be seen to grow from nothing.
  void operator()(const ComponentState& e) {
    (void)table_.counter(Metric::kRestarts, &e.origin);
    (void)table_.counter(Metric::kStalls, &e.origin);
    table_.gauge(Metric::kUp, &e.origin).Set(is_up(e.state) ? 1 : 0);
    table_.set_only(Metric::kState, e.origin, label_word(e.state), false);
  }
  void operator()(const ComponentRestarted& e) {
    table_.counter(Metric::kRestarts, &e.origin).Increment();
    table_.gauge(Metric::kRestartBackoff, &e.origin).Set(e.backoff_seconds);
  }
  void operator()(const StoreCommitted& e) {
    table_.histogram(Metric::kStoreCommitSeconds, nullptr).Observe(e.seconds);
    table_.counter(Metric::kStoreCommittedBytes, nullptr).Increment(to_double(e.bytes));
    table_.counter(Metric::kStoreCommittedBatches, nullptr).Increment(to_double(e.batches));
  }
  void operator()(const StoreReport& e) {
    table_.gauge(Metric::kStoreUsed, nullptr).Set(to_double(e.used_bytes));
    table_.gauge(Metric::kStoreMap, nullptr).Set(to_double(e.map_bytes));
    table_.gauge(Metric::kStoreReaders, nullptr).Set(to_double(e.readers));
    table_.gauge(Metric::kStoreChangelog, nullptr).Set(to_double(e.changelog_bytes));
    table_.gauge(Metric::kStoreDiskFree, nullptr).Set(to_double(e.disk_free_bytes));
    table_.gauge(Metric::kStoreDisk, nullptr).Set(to_double(e.disk_bytes));
    table_.gauge(Metric::kStoreWritable, nullptr).Set(e.writable ? 1 : 0);
    raise(table_.counter(Metric::kStoreRefused, nullptr), e.refused);
    raise(table_.counter(Metric::kStoreDamaged, nullptr), e.damaged);
  }
  void operator()(const LogSize& e) {
    table_.gauge(Metric::kLogEvents, nullptr, label_word(e.log)).Set(to_double(e.records));
    table_.gauge(Metric::kLogBytes, nullptr, label_word(e.log)).Set(to_double(e.bytes));
  }
  void operator()(const LettersWaiting& e) {
    table_.gauge(Metric::kLettersWaiting, nullptr).Set(to_double(e.letters));
    table_.gauge(Metric::kLettersOldest, nullptr).Set(e.oldest_seconds);
  }
  void operator()(const NodeHealth& e) {
    table_.gauge(Metric::kReady, nullptr).Set(e.ready ? 1 : 0);
    table_.gauge(Metric::kHealthy, nullptr).Set(e.healthy ? 1 : 0);
  }
  void operator()(const StateSize& e) {
    table_.gauge(Metric::kStateKeys, &e.origin).Set(to_double(e.keys));
    table_.gauge(Metric::kStateBytes, &e.origin).Set(to_double(e.bytes));
  }
  void operator()(const ModelTrained& e) {
    table_.counter(Metric::kModelTrainings, &e.origin, "ok").Increment();
    table_.gauge(Metric::kModelTrainingSeconds, &e.origin).Set(e.seconds);
  }
  void operator()(const ModelLive& e) {
    table_.set_only(Metric::kModelVersion, e.origin, std::to_string(e.version), true);
    table_.gauge(Metric::kModelTrained, &e.origin).Set(e.trained_at_seconds);
    table_.gauge(Metric::kModelUsers, &e.origin).Set(to_double(e.users));
    table_.gauge(Metric::kModelItems, &e.origin).Set(to_double(e.items));
    table_.gauge(Metric::kModelInteractions, &e.origin).Set(to_double(e.interactions));
    auto& staleness = table_.gauge(Metric::kModelStaleness, &e.origin);
    const std::lock_guard lock(mutex_);
    trained_at_[&staleness] = e.trained_at_seconds;
  }
  void operator()(const ModelMetric& e) {
    table_.gauge(Metric::kModelMetric, &e.origin, metric_word(e.metric)).Set(e.value);
  }
  void operator()(const ModelTrainingFailed& e) {
    table_.counter(Metric::kModelTrainings, &e.origin, "failed").Increment();
  }
  void operator()(const EventServed& e) {
    if (e.records > 0)
      observe(table_.histogram(Metric::kEventToServed, &e.origin), e.seconds, e.records);
  }
  void operator()(const RequestServed& e) {
    std::array<char, 12> digits{};
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), e.code).ptr;
    const std::string_view code(digits.data(), static_cast<size_t>(end - digits.data()));
    table_.counter(Metric::kRequests, nullptr, e.route, code).Increment();
    table_.histogram(Metric::kRequestSeconds, nullptr, e.route, code).Observe(e.seconds);
  }
  void operator()(const RecommendationServed& e) {
    table_.counter(Metric::kRecommendations, &e.origin, e.fallback ? "true" : "false", e.segment).Increment();
    table_.counter(Metric::kRecommendedItems, &e.origin).Increment(to_double(e.items));
  }
  void operator()(const RequestsUnderWay& e) { table_.gauge(Metric::kRequestsUnderWay, nullptr).Increment(e.change); }
  void operator()(const ModelQuality& e) {
    const Metric metric = e.which == "live" ? Metric::kModelLiveMetric : Metric::kModelBeforeMetric;
    table_.gauge(metric, &e.origin, metric_word(e.metric)).Set(e.value);
  }
  void operator()(const ModelVersions& e) {
    table_.gauge(Metric::kModelVersions, &e.origin, e.state).Set(to_double(e.versions));
  }
  void operator()(const ModelSchedule& e) {
    table_.gauge(Metric::kModelTrainEvery, &e.origin).Set(e.train_every_seconds);
  }
  void operator()(const ModelStateChanged& e) {
    table_.counter(Metric::kModelTransitions, &e.origin, label_word(e.state)).Increment();
  }
  void operator()(const CanaryShare& e) { table_.gauge(Metric::kModelCanaryShare, &e.origin).Set(e.share); }
  void operator()(const TrainingProgressed& e) {
    table_.gauge(Metric::kTrainingProgress, &e.origin).Set(e.progress);
    table_.gauge(Metric::kTrainingEta, &e.origin).Set(e.eta_seconds);
  }
  void operator()(const ModelSearched& e) {
    table_.gauge(Metric::kModelScannedShare, &e.origin, label_word(e.method)).Set(e.scanned_share);
    table_.gauge(Metric::kModelRecall, &e.origin, label_word(e.method)).Set(e.recall);
  }
  void operator()(const PrequentialMeasured& e) {
    const std::lock_guard lock(mutex_);
    auto& gauge = table_.gauge(Metric::kPrequential, &e.origin, metric_word(e.metric), label_word(e.segment),
                               std::to_string(e.version));
    gauge.Set(e.value);
    foretold_[&gauge] = clock_.now();
  }
  void operator()(const DriftMeasured& e) {
    table_.gauge(Metric::kDrift, &e.origin, label_word(e.column), label_word(e.measure)).Set(e.value);
  }
  void operator()(const ExperimentMeasured& e) {
    const std::string metric = metric_word(e.metric);
    table_.gauge(Metric::kExperimentMetric, &e.origin, label_word(e.variant), metric).Set(e.value);
    table_.gauge(Metric::kExperimentLow, &e.origin, label_word(e.variant), metric).Set(e.low);
    table_.gauge(Metric::kExperimentHigh, &e.origin, label_word(e.variant), metric).Set(e.high);
  }
  void operator()(const ImpressionsShown& e) {
    table_.counter(Metric::kImpressions, &e.origin, e.variant.empty() ? "none" : label_word(e.variant))
        .Increment(to_double(e.items));
  }
  void operator()(const RecommenderAnswered& e) {
    table_.counter(Metric::kRecommenderAnswers, &e.origin, label_word(e.step), e.cached ? "true" : "false", e.segment)
        .Increment();
    table_.histogram(Metric::kRecommenderSeconds, &e.origin).Observe(e.seconds);
  }
  void operator()(const PredictionServed& e) {
    table_.counter(Metric::kPredictions, &e.origin, label_word(e.outcome)).Increment();
  }
  void operator()(const RecordsLost& e) {
    table_.counter(Metric::kLostEvents, &e.origin, label_word(e.log)).Increment(to_double(e.records));
  }
  void operator()(const RecordIsolated& e) { table_.counter(Metric::kIsolatedEvents, &e.origin).Increment(); }
  void operator()(const DeliveryRetried& e) { table_.counter(Metric::kDeliveryRetries, &e.origin).Increment(); }
  void operator()(const DuplicatesDropped& e) {
    table_.counter(Metric::kDuplicateEvents, &e.origin).Increment(to_double(e.records));
  }
  void operator()(const ComponentStalled& e) { table_.counter(Metric::kStalls, &e.origin).Increment(); }
  void operator()(const ConsumerLag& e) {
    table_.gauge(Metric::kLagEvents, &e.origin, label_word(e.log)).Set(to_double(e.records));
    table_.gauge(Metric::kLagSeconds, &e.origin, label_word(e.log)).Set(e.seconds);
  }
  void operator()(const StoreHealth& e) { table_.gauge(Metric::kStoreWritable, nullptr).Set(e.writable ? 1 : 0); }
  void operator()(const BackupFinished& e) {
    table_.gauge(Metric::kBackupTimestamp, nullptr).Set(to_seconds(clock_.now()));
    table_.gauge(Metric::kBackupBytes, nullptr).Set(to_double(e.bytes));
    table_.gauge(Metric::kBackupSeconds, nullptr).Set(e.seconds);
  }
  void operator()(const BackupFound& e) {
    table_.gauge(Metric::kBackupTimestamp, nullptr).Set(e.at_seconds);
    table_.gauge(Metric::kBackupBytes, nullptr).Set(to_double(e.bytes));
  }
  void operator()(const BudgetReport& e) {
    table_.gauge(Metric::kMemoryUsed, nullptr).Set(to_double(e.used_bytes));
    table_.gauge(Metric::kMemoryBudget, nullptr).Set(to_double(e.limit_bytes));
  }
  void operator()(const MemoryHeld& e) {
    table_.gauge(Metric::kMemoryHeld, nullptr, label_word(e.part)).Set(to_double(e.bytes));
  }
  void operator()(const JobStarted& e) {
    table_.gauge(Metric::kJobRunning, &e.origin).Set(1);
    table_.gauge(Metric::kJobProgress, &e.origin).Set(0);
    table_.gauge(Metric::kJobEta, &e.origin).Set(-1);
  }
  void operator()(const JobProgressed& e) {
    table_.gauge(Metric::kJobProgress, &e.origin).Set(e.progress);
    table_.gauge(Metric::kJobEta, &e.origin).Set(e.eta_seconds);
  }
  void operator()(const JobFinished& e) {
    table_.gauge(Metric::kJobRunning, &e.origin).Set(0);
    table_.gauge(Metric::kJobProgress, &e.origin).Set(-1);
    table_.gauge(Metric::kJobEta, &e.origin).Set(-1);
    table_.counter(Metric::kJobRuns, &e.origin, label_word(e.state)).Increment();
    table_.gauge(Metric::kJobSeconds, &e.origin).Set(e.seconds);
  }
  void operator()(const JobStanding& e) {
    table_.gauge(Metric::kJobSucceeded, &e.origin).Set(e.succeeded_at_seconds);
    table_.gauge(Metric::kJobLate, &e.origin).Set(e.late_seconds);
    table_.gauge(Metric::kJobFailing, &e.origin).Set(e.failed ? 1 : 0);
    table_.gauge(Metric::kJobNext, &e.origin).Set(e.next_at_seconds);
  }
  void operator()(const BatchTaskDone& e) {
    table_.counter(Metric::kBatchTasks, &e.origin, label_word(e.task), e.ok ? "ok" : "failed").Increment();
    table_.histogram(Metric::kBatchTaskSeconds, &e.origin, label_word(e.task)).Observe(e.seconds);
  }
  void operator()(const WatermarkReached& e) {
    table_.gauge(Metric::kWatermark, &e.origin).Set(e.at_seconds);
    table_.gauge(Metric::kWatermarkLag, &e.origin).Set(e.lag_seconds);
  }
  void operator()(const KafkaLag& e) {
    const std::string partition = std::to_string(e.partition);
    table_.gauge(Metric::kKafkaLag, &e.origin, label_word(e.topic), partition).Set(to_double(e.records));
    table_.gauge(Metric::kKafkaLagSeconds, &e.origin, label_word(e.topic), partition).Set(e.seconds);
  }
  void operator()(const KafkaRebalanced& e) {
    table_.counter(Metric::kKafkaRebalances, &e.origin, label_word(e.kind)).Increment();
    table_.gauge(Metric::kKafkaPartitions, &e.origin).Set(to_double(e.held));
  }
  void operator()(const KafkaFailed& e) {
    table_.counter(Metric::kKafkaErrors, &e.origin, label_word(e.error)).Increment();
  }
  void operator()(const TraceStep&) {}
  void operator()(const NodeStarted&) { table_.gauge(Metric::kStarted, nullptr).Set(to_seconds(clock_.now())); }
  void operator()(const NodeStopping&) {}
  void operator()(const Note&) {}

  std::string exposition() {
    const double now = to_seconds(clock_.now());
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [gauge, trained_at] : trained_at_)
        gauge->Set(std::max(0.0, now - trained_at));
      forget_old_versions();
    }
    std::ostringstream out;
    const prometheus::TextSerializer serializer;
    serializer.Serialize(out, table_.collect());
    serializer.Serialize(out, process_metrics(topology_));
    return out.str();
  }

  Log log;

 private:
  // Versions that foretell nothing any more would pile up for ever. Requires: the mutex is held.
  void forget_old_versions() {
    const int64_t now = clock_.now().micros;
    std::erase_if(foretold_, [&](const auto& told) {
      const bool old = now - told.second.micros > kForgetAfter;
      if (old)
        table_.remove(Metric::kPrequential, *told.first);
      return old;
    });
  }

  static constexpr int64_t kForgetAfter = 120'000'000;  // µs
  const Clock& clock_;
  const std::string topology_;
  SeriesTable table_;
  std::mutex mutex_;
  std::map<prometheus::Gauge*, double> trained_at_;   // guarded by mutex_
  std::map<prometheus::Gauge*, Timestamp> foretold_;  // guarded by mutex_; when each was told last
};

PrometheusMonitor::PrometheusMonitor(const PrometheusOptions& options, const Clock& clock)
    : impl_(std::make_unique<Impl>(options, clock)) {}
PrometheusMonitor::~PrometheusMonitor() = default;

void PrometheusMonitor::emit(const Event& event) {
  std::visit([&](const auto& e) { (*impl_)(e); }, event);
  if (const LogLevel level = log_level(event); level != LogLevel::kOff && impl_->log.shows(level))
    impl_->log.write(log_line(event));
}

std::string PrometheusMonitor::exposition() const { return impl_->exposition(); }

}  // namespace penstock::monitoring
