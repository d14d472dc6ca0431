#include "tests/support/recording_monitor.h"

#include <algorithm>

namespace penstock::test {
namespace {

using namespace monitoring;

std::string number(uint64_t value) { return " " + std::to_string(value); }

struct Name {
  std::string operator()(const BatchReceived& e) const { return "received " + e.origin.id + number(e.records); }
  std::string operator()(const BatchSent& e) const { return "sent " + e.origin.id + number(e.records); }
  std::string operator()(const BatchProcessed& e) const { return "processed " + e.origin.id; }
  std::string operator()(const RecordsRejected& e) const {
    return "rejected " + e.origin.id + number(e.records) + " " + e.reason;
  }
  std::string operator()(const ComponentError& e) const { return "error " + e.origin.id + " " + e.error_type; }
  std::string operator()(const TimeSpent& e) const { return "time " + e.origin.id; }
  std::string operator()(const QueueSize& e) const { return "queue " + e.origin.id + number(e.bytes); }
  std::string operator()(const EpochCommitted& e) const { return "epoch " + e.origin.id + number(e.epoch); }
  std::string operator()(const ComponentState& e) const { return "state " + e.origin.id + " " + e.state; }
  std::string operator()(const ComponentRestarted& e) const { return "restarted " + e.origin.id; }
  std::string operator()(const StoreCommitted& e) const { return "store committed" + number(e.batches); }
  std::string operator()(const StoreReport& e) const { return "store" + number(e.used_bytes); }
  std::string operator()(const StateSize& e) const { return "keys " + e.origin.id + number(e.keys); }
  std::string operator()(const ModelTrained& e) const { return "trained " + e.origin.id + number(e.version); }
  std::string operator()(const ModelLive& e) const { return "live " + e.origin.id + number(e.version); }
  std::string operator()(const ModelMetric& e) const { return "metric " + e.origin.id + " " + e.metric; }
  std::string operator()(const ModelTrainingFailed& e) const { return "training failed " + e.origin.id; }
  std::string operator()(const EventServed& e) const { return "served " + e.origin.id + number(e.records); }
  std::string operator()(const RequestServed& e) const { return "request " + e.route + " " + std::to_string(e.code); }
  std::string operator()(const RecommendationServed& e) const {
    return "recommended " + e.origin.id + number(e.items) + (e.fallback ? " fallback" : "");
  }
  std::string operator()(const ModelStateChanged& e) const {
    return "model " + e.origin.id + number(e.version) + " " + e.state;
  }
  std::string operator()(const CanaryShare& e) const { return "canary " + e.origin.id + number(e.version); }
  std::string operator()(const TrainingProgressed& e) const { return "training " + e.origin.id; }
  std::string operator()(const ModelSearched& e) const { return "searched " + e.origin.id + " " + e.method; }
  std::string operator()(const PrequentialMeasured& e) const {
    return "prequential " + e.origin.id + " " + e.segment + " " + e.metric;
  }
  std::string operator()(const DriftMeasured& e) const { return "drift " + e.origin.id + " " + e.column; }
  std::string operator()(const ExperimentMeasured& e) const {
    return "experiment " + e.origin.id + " " + e.variant + " " + e.metric;
  }
  std::string operator()(const ImpressionsShown& e) const { return "impressions " + e.origin.id + number(e.items); }
  std::string operator()(const RecommenderAnswered& e) const { return "answered " + e.origin.id + " " + e.step; }
  std::string operator()(const PredictionServed& e) const { return "predicted " + e.origin.id + " " + e.outcome; }
  std::string operator()(const RecordsLost& e) const { return "lost " + e.origin.id + number(e.records); }
  std::string operator()(const RecordIsolated& e) const { return "isolated " + e.origin.id + number(e.offset); }
  std::string operator()(const DeliveryRetried& e) const { return "retried " + e.origin.id + number(e.tries); }
  std::string operator()(const DuplicatesDropped& e) const { return "duplicates " + e.origin.id + number(e.records); }
  std::string operator()(const ComponentStalled& e) const { return "stalled " + e.origin.id; }
  std::string operator()(const ConsumerLag& e) const { return "lag " + e.origin.id + " " + e.log + number(e.records); }
  std::string operator()(const StoreHealth& e) const { return e.writable ? "store writable" : "store read-only"; }
  std::string operator()(const BackupFinished& e) const { return "backup" + number(e.bytes); }
  std::string operator()(const BudgetReport& e) const { return "budget" + number(e.used_bytes); }
  std::string operator()(const MemoryHeld& e) const { return "held " + e.part + number(e.bytes); }
  std::string operator()(const JobStarted& e) const { return "job " + e.run + " begins " + e.cause; }
  std::string operator()(const JobProgressed& e) const { return "job " + e.origin.id + " goes on"; }
  std::string operator()(const JobFinished& e) const { return "job " + e.run + " " + e.state; }
  std::string operator()(const JobStanding& e) const { return "job " + e.origin.id + " stands"; }
  std::string operator()(const BatchTaskDone& e) const { return e.task + " task " + (e.ok ? "done" : "failed"); }
  std::string operator()(const WatermarkReached& e) const { return "watermark " + e.origin.id; }
  std::string operator()(const KafkaLag& e) const { return "lag " + e.origin.id + " " + e.topic + number(e.records); }
  std::string operator()(const KafkaRebalanced& e) const { return "rebalanced " + e.origin.id + " " + e.kind; }
  std::string operator()(const KafkaFailed& e) const { return "kafka error " + e.origin.id + " " + e.error; }
  std::string operator()(const TraceStep& e) const { return "trace " + e.origin.id + " " + e.step; }
  std::string operator()(const LogSize& e) const { return "log " + e.log + number(e.bytes); }
  std::string operator()(const LettersWaiting& e) const { return "letters" + number(e.letters); }
  std::string operator()(const NodeHealth& e) const { return e.healthy ? "healthy" : "not healthy"; }
  std::string operator()(const RequestsUnderWay& e) const { return "requests " + std::to_string(e.change); }
  std::string operator()(const ModelQuality& e) const { return "quality " + e.origin.id + " " + e.metric; }
  std::string operator()(const ModelVersions& e) const { return "versions " + e.origin.id + number(e.versions); }
  std::string operator()(const ModelSchedule& e) const { return "schedule " + e.origin.id; }
  std::string operator()(const BackupFound& e) const { return "backup found" + number(e.bytes); }
  std::string operator()(const NodeStarted& e) const { return "started " + e.topology; }
  std::string operator()(const NodeStopping&) const { return "stopping"; }
  std::string operator()(const Note& e) const { return "note " + e.origin.id + " " + e.text; }
};

}  // namespace

void RecordingMonitor::emit(const Event& event) {
  std::string text = std::visit(Name(), event);
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(text));
}

std::vector<std::string> RecordingMonitor::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

size_t RecordingMonitor::count(const std::string& event) const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::count(events_.begin(), events_.end(), event));
}

}  // namespace penstock::test
