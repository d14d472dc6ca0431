// What actors tell monitoring: typed events, one per batch or happening, never per record. monitoring/ alone knows which
// metric and which log line an event becomes. Cheap to make; no event carries a user or item id as a label.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "monitoring/model_events.h"
#include "monitoring/origin.h"

namespace penstock::monitoring {

struct BatchReceived {
  const Origin& origin;
  uint64_t records;
  uint64_t bytes;
};
struct BatchSent {
  const Origin& origin;
  uint64_t records;
  uint64_t bytes;
};
struct BatchProcessed {
  const Origin& origin;
  double seconds;
};
struct RecordsRejected {
  const Origin& origin;
  uint64_t records;
  std::string reason;
};  // reason: decode, expression, ...
struct ComponentError {
  const Origin& origin;
  std::string error_type;
  std::string message;
};
/// Where a worker's time went since its last report: busy working, idle, blocked on a limit downstream.
struct TimeSpent {
  const Origin& origin;
  double busy;
  double idle;
  double blocked;
};
struct QueueSize {
  const Origin& origin;
  uint64_t bytes;
  uint64_t batches;
};
struct EpochCommitted {
  const Origin& origin;
  uint64_t epoch;
  double seconds;
  uint64_t records;
};  // begin to durable
struct ComponentState {
  const Origin& origin;
  std::string state;
  std::string reason;
};  // running, finished, failing, ...
struct ComponentRestarted {
  const Origin& origin;
  std::string reason;
  double backoff_seconds;
};
struct StoreCommitted {
  double seconds;
  uint64_t bytes;
  uint64_t batches;
};
struct StoreReport {
  uint64_t used_bytes;
  uint64_t map_bytes;
  uint64_t readers;
  uint64_t changelog_bytes;
  uint64_t disk_free_bytes;  // of the file system
  uint64_t disk_bytes;
  uint64_t refused;  // commits since the start
  uint64_t damaged;  // reads since the start
  bool writable;
};
/// What a log holds.
struct LogSize {
  std::string log;
  uint64_t records;
  uint64_t bytes;
};
/// Dead letters that were neither replayed nor purged.
struct LettersWaiting {
  uint64_t letters;
  double oldest_seconds;  // 0: there are none
};
/// Whether the node does its work, as /health tells.
struct NodeHealth {
  bool ready;
  bool healthy;
};
struct StateSize {
  const Origin& origin;
  uint64_t keys;
  uint64_t bytes;
};
/// A consumer came too late: retention had dropped records of the log that it had not read.
struct RecordsLost {
  const Origin& origin;
  std::string log;
  uint32_t partition;
  uint64_t first;  // offset of the first lost record
  uint64_t records;
};
/// One record that made its component fail again and again was set aside.
struct RecordIsolated {
  const Origin& origin;
  std::string log;
  uint32_t partition;
  uint64_t offset;
  std::string reason;
};
/// A sink could not deliver and will try again.
struct DeliveryRetried {
  const Origin& origin;
  uint64_t tries;
  double pause_seconds;
  std::string reason;
};
/// Records that had been taken in before and were not taken again.
struct DuplicatesDropped {
  const Origin& origin;
  uint64_t records;
};
/// An actor has work and has not answered for this long.
struct ComponentStalled {
  const Origin& origin;
  double seconds;
};
/// How far a consumer is behind the end of a log.
struct ConsumerLag {
  const Origin& origin;
  std::string log;
  uint64_t records;
  double seconds;
};
/// The store takes commits, or has become read-only for the reason.
struct StoreHealth {
  bool writable;
  std::string reason;
};
struct BackupFinished {
  std::string path;
  uint64_t bytes;
  double seconds;
};
/// The newest backup of an earlier life of the node.
struct BackupFound {
  double at_seconds;  // since 1970
  uint64_t bytes;
};
/// Memory of the node: what its parts account for, and the budget for all (0: none).
struct BudgetReport {
  uint64_t used_bytes;
  uint64_t limit_bytes;
};
/// Memory that one part accounts for.
struct MemoryHeld {
  std::string part;
  uint64_t bytes;
};
/// A run of a job began, or goes on after the node was down.
struct JobStarted {
  const Origin& origin;
  std::string run;
  std::string cause;  // schedule, missed, start, after, manual; resumed
};
/// How far the run under way is; no estimate: -1.
struct JobProgressed {
  const Origin& origin;
  double progress;  // 0 to 1
  double eta_seconds;
};
/// A run ended: succeeded, failed, cancelled, timed_out; or rests until the node runs again: interrupted.
struct JobFinished {
  const Origin& origin;
  std::string run;
  std::string state;
  std::string reason;
  double seconds;
};
/// When a job last succeeded (0: never), for how long a run has been due that has not begun, whether the run that ended last
/// failed or timed out, and when the next is due (0: not by the clock).
struct JobStanding {
  const Origin& origin;
  double succeeded_at_seconds;  // since 1970
  double late_seconds;
  bool failed = false;
  double next_at_seconds = 0;  // since 1970
};
/// A task of a recomputed view ended. task: map, reduce, erase.
struct BatchTaskDone {
  const Origin& origin;
  std::string task;
  bool ok;
  double seconds;
};
/// How far event time has come in an aggregator that goes by it.
struct WatermarkReached {
  const Origin& origin;
  double at_seconds;  // since 1970
  double lag_seconds;
};
/// How far a source is behind the end of a partition that it has been assigned.
struct KafkaLag {
  const Origin& origin;
  std::string topic;
  uint32_t partition;
  uint64_t records;
  double seconds;
};
/// The consumer group moved partitions. kind: assigned, revoked, lost.
struct KafkaRebalanced {
  const Origin& origin;
  std::string kind;
  std::string partitions;  // of this change: `orders/0, orders/2`
  uint64_t held;           // partitions of this node behind it
};
/// A broker, or the way to it, failed. error: its name in the Kafka protocol, such as broker_not_available.
struct KafkaFailed {
  const Origin& origin;
  std::string error;
  std::string message;
};
/// A record that is followed, or the answer that reflects it, has come this far. Each step is a span of its trace.
struct TraceStep {
  const Origin& origin;
  std::string trace_id;  // 32 hex digits, as W3C Trace Context has them
  std::string step;      // ingested, processed, committed, delivered, learnt, trained, answered
  std::string detail;
  std::string span_id = {};    // 16 hex digits
  std::string parent_id = {};  // the span that this one follows from; empty: it is the first
  std::string record = {};     // `orders/0/41`: log, partition, offset
  double seconds = 0;          // that the step took
  double age_seconds = 0;      // since the record was taken in
};
struct NodeStarted {
  std::string topology;
  std::string version;
};
struct NodeStopping {
  std::string reason;
};
struct Note {
  const Origin& origin;
  std::string text;
};  // a log line at level info, no metric

using Event =
    std::variant<BatchReceived, BatchSent, BatchProcessed, RecordsRejected, ComponentError, TimeSpent, QueueSize,
                 EpochCommitted, ComponentState, ComponentRestarted, StoreCommitted, StoreReport, StateSize,
                 ModelTrained, ModelLive, ModelMetric, ModelTrainingFailed, EventServed, RequestServed,
                 RecommendationServed, ModelStateChanged, CanaryShare, TrainingProgressed, ModelSearched,
                 PrequentialMeasured, DriftMeasured, ExperimentMeasured, ImpressionsShown, RecommenderAnswered,
                 PredictionServed, RecordsLost, RecordIsolated, DeliveryRetried, DuplicatesDropped, ComponentStalled,
                 ConsumerLag, StoreHealth, BackupFinished, BudgetReport, MemoryHeld, JobStarted, JobProgressed,
                 JobFinished, JobStanding, BatchTaskDone, WatermarkReached, KafkaLag, KafkaRebalanced, KafkaFailed,
                 TraceStep, LogSize, LettersWaiting, NodeHealth, RequestsUnderWay, ModelQuality, ModelVersions,
                 ModelSchedule, BackupFound, NodeStarted, NodeStopping, Note>;

/// Where events go. Thread safe.
class Monitor {
 public:
  virtual ~Monitor() = default;
  virtual void emit(const Event& event) = 0;
  /// All metrics in the Prometheus text format; empty where none are kept.
  virtual std::string exposition() const { return {}; }
};

}  // namespace penstock::monitoring
