// What actors tell monitoring: typed events, one per batch or happening, never per record. monitoring/ alone knows which
// metric and which log line an event becomes. Cheap to make; no event carries a user or item id as a label.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace penstock::monitoring {

/// Which component speaks. Vector's labels: component_id, component_kind, component_type.
struct Origin {
  std::string id;
  std::string kind;  // source, stage, aggregator, sink, trainer, server, region, store
  std::string type;
};

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
};
struct StateSize {
  const Origin& origin;
  uint64_t keys;
  uint64_t bytes;
};
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

using Event = std::variant<BatchReceived, BatchSent, BatchProcessed, RecordsRejected, ComponentError, TimeSpent,
                           QueueSize, EpochCommitted, ComponentState, ComponentRestarted, StoreCommitted, StoreReport,
                           StateSize, ModelTrained, ModelLive, ModelMetric, ModelTrainingFailed, EventServed,
                           RequestServed, RecommendationServed, NodeStarted, NodeStopping, Note>;

/// Where events go. Thread safe.
class Monitor {
 public:
  virtual ~Monitor() = default;
  virtual void emit(const Event& event) = 0;
  /// All metrics in the Prometheus text format; empty where none are kept.
  virtual std::string exposition() const { return {}; }
};

}  // namespace penstock::monitoring
